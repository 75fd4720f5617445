"""All that talks to GitHub, and only that: the one pull request, the release, the one issue, the state branch."""
