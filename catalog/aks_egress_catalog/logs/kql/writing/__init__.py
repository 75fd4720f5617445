"""The text of a query. In come rows and a table of a firewall, out come lines of KQL."""
