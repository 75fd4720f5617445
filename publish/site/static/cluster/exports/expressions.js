// Host patterns as regular expressions, for targets that take them: aks_egress_catalog.exports.expressions.

/** Say whether a host pattern is more than one name. */
export function isPattern(host) {
  return /[*{]/.test(host);
}

/** Write a host pattern as a POSIX expression of the same meaning. */
export function posixRegex(pattern) {
  const deep = pattern.startsWith("*.");
  const pieces = (deep ? pattern.slice(2) : pattern).split(/\*|\{[^}]*\}/);
  return `^${deep ? "([^.]+\\.)+" : ""}${pieces.map((piece) => piece.replaceAll(".", "\\.")).join("[^.]+")}$`;
}
