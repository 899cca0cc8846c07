/** Results on stdout as JSON or YAML. */
import type { Shell } from './shell.ts';

export function writeJson(shell: Shell, value: unknown): void {
  shell.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Each value as a document of its own. */
export async function writeYaml(shell: Shell, documents: readonly unknown[]): Promise<void> {
  const { yamlText } = await import('./yaml-side.ts');
  shell.stdout.write(yamlText(documents));
}
