"""The other forms of the page: Markdown and other locales. In come their texts, out come differences from the HTML."""
