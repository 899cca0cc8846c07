/** What reads and writes YAML, in one module that is loaded only when a file or an answer is to be YAML. */
export { readResources } from './resource-files.ts';
export { yamlText } from './yaml-text.ts';
