/** The package.json of an app without dependencies, for the Node.js that most examples have too: its tools are made once in a run. */
export function nodeManifest(more: object = {}): string {
  return JSON.stringify({name: 'demo', version: '1.0.0', private: true, engines: {node: '24.x'}, ...more})
}
