// Reads {"tables": {name: "Column:type, …"}, "queries": {name: text}} from standard input, and prints what Microsoft's
// language service finds wrong in each query: {name: ["KS142 … at '…'"]}.
const packages = process.argv[2]
require(`${packages}/@kusto/language-service-next/bridge.min.js`)
require(`${packages}/@kusto/language-service-next/Kusto.Language.Bridge.min.js`)
const Symbols = Kusto.Language.Symbols

function faults(query, globals) {
  const found = Kusto.Language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics()
  return Array.from({ length: found.Count }, (_, place) => {
    const { Code, Message, Start } = found.getItem(place)
    return `${Code} ${Message} at ${JSON.stringify(query.slice(Math.max(0, Start - 20), Start + 40))}`
  })
}

const { tables, queries } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const symbols = Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns})`, null))
const database = new Symbols.DatabaseSymbol.ctor('workspace', symbols)
const cluster = new Symbols.ClusterSymbol.ctor('cluster', [database])
const globals = Kusto.Language.GlobalState.Default.WithCluster(cluster).WithDatabase(database)
const answer = Object.entries(queries).map(([name, query]) => [name, faults(query, globals)])
console.log(JSON.stringify(Object.fromEntries(answer)))
