"""Does AKS need this endpoint? In come a catalog and endpoints, out come answers: verdict, reason, rules."""
