"""Who else saw the page: its Markdown twin and its other locales. In come their texts, out come differences."""
