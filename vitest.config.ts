import { defineConfig } from 'vitest/config';

/** Unit tests stand beside their file; contract suites run every implementation; e2e is judged by a real neighbour. */
export default defineConfig({
  test: {
    pool: 'forks',
    // Most tests wait more than they compute; each file has servers and ports of its own.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 } },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 240_000 },
      },
    ],
  },
});
