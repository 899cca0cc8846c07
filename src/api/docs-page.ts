/** The API's documentation as a page: Swagger UI over /openapi.json, from files of our own, for browsers without a way to the Internet. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../runtime/package-root.ts';

/** Files of swagger-ui-dist that the page needs; scripts/build.mjs copies them into dist/docs-ui. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** In the built program, and in a checkout. */
const folders = [join(packageRoot, 'dist/docs-ui'), join(packageRoot, 'node_modules/swagger-ui-dist')];

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>CoreBGP API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui">The documentation of the API needs JavaScript; <a href="openapi.json">openapi.json</a> is all of it.</div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** No validator badge: it would ask a server on the Internet. */
const start = `window.ui = SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** Scripts and everything else from here only; pictures that the style sheet itself holds; styles set by its script. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** @param places folders to look for the files in, in this order. */
export function addDocsPage(server: FastifyInstance, places: readonly string[] = folders): void {
  const config = { endpoint: 'docs' };
  const find = (file: string) => places.map((folder) => join(folder, file)).find((path) => existsSync(path));
  const missing =
    'The page needs files of Swagger UI that are not there: run "npm run build", or "npm ci" in a checkout. GET /openapi.json answers without them.\n';

  server.get('/docs', { config }, async (_request, reply) => {
    reply.headers({ 'content-security-policy': policy, 'referrer-policy': 'no-referrer' });
    if (Object.keys(assets).some((file) => find(file) === undefined)) {
      return reply.code(404).type('text/plain; charset=utf-8').send(missing);
    }
    return reply.type('text/html; charset=utf-8').send(page);
  });
  // The page's own references are relative to /docs, also below a prefix that a proxy adds.
  server.get('/docs/', { config }, async (_request, reply) => reply.redirect('../docs', 308));
  server.get('/docs/start.js', { config }, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(start),
  );
  for (const [file, type] of Object.entries(assets)) {
    server.get(`/docs/${file}`, { config }, async (_request, reply) => {
      const path = find(file);
      if (path === undefined) return reply.code(404).type('text/plain; charset=utf-8').send(missing);
      // Versions change with the program; a browser asks again after a while.
      return reply
        .header('cache-control', 'max-age=3600')
        .type(type)
        .send(await readFile(path));
    });
  }
}
