"""A cluster as ``az aks show`` prints it. In comes its JSON, out come a profile and the questions it leaves open."""
