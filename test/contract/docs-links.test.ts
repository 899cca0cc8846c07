/** The pages of the documentation hang together. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../servers/places.ts';

const inFolder = (folder: string) =>
  readdirSync(join(packageRoot, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...inFolder('docs'), ...inFolder('docs/reference')];
const textOf = (page: string) => readFileSync(join(packageRoot, page), 'utf8');

/** As GitHub and most other readers of Markdown name the anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

test('every link of every page leads somewhere', () => {
  for (const page of pages) {
    const text = textOf(page).replace(/```.*?```/gs, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(join(packageRoot, file)), `${page}: ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
      expect(anchors, `${page}: ${target}`).toContain(anchor);
    }
  }
});
