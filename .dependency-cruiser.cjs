// The walls between folders (ARCHITECTURE.md). A folder may import itself and what is listed here, nothing else of ours.
const may = {
  model: [],
  planning: ['model'],
  contract: ['model'],
  config: ['model', 'runtime'],
  runtime: ['model'],
  client: ['contract', 'model', 'runtime'],
  store: ['model', 'runtime', 'gen'],
  speaker: ['model', 'runtime', 'gen'],
  checker: ['client', 'contract', 'planning', 'model', 'runtime', 'gen'],
  updater: ['client', 'contract', 'planning', 'speaker', 'model', 'runtime'],
  api: ['store', 'contract', 'planning', 'model', 'runtime'],
};

const walls = Object.entries(may).map(([folder, allowed]) => ({
  name: `${folder}-may-import-only-${allowed.join('-') || 'nothing-of-ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
}));

/** Who starts roles reaches them only through their run.ts. */
const starters = {
  name: 'roles-are-started-through-their-run-file',
  severity: 'error',
  from: { path: '^src/(cli|node|playground|bin\\.ts)', pathNot: '\\.test\\.ts$' },
  to: {
    path: '^src/(store|api|checker|updater|speaker|gen)/',
    pathNot: '^src/(api|checker|updater)/run\\.ts$',
  },
};

module.exports = {
  forbidden: [
    ...walls,
    starters,
    { name: 'nobody-imports-the-reference', severity: 'error', from: { path: '^src/', pathNot: '^src/reference/' }, to: { path: '^src/reference/' } },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'src-never-imports-tests', severity: 'error', from: { path: '^src/', pathNot: '\\.test\\.ts$' }, to: { path: '^(test|bench)/' } },
    { name: 'no-dev-dependency', severity: 'error', from: { path: '^src/', pathNot: '\\.test\\.ts$' }, to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
