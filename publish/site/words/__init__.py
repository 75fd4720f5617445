"""The words of the site: labels, and the glossary that explains them. They know no page."""
