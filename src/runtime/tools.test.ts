import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool } from './tools.ts';

// etcd is the one of which no test machine is expected to have a copy in its system folders.
describe('findTool', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'corebgp-tools-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function program(place: string): string {
    const file = join(root, place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
    return file;
  }

  it('takes the file that the variable names before everything else', () => {
    const named = program('elsewhere/my-etcd');
    program('path/etcd');
    expect(findTool('etcd', root, { COREBGP_TOOL_ETCD: named, PATH: join(root, 'path') }).path).toBe(named);
  });

  it('refuses a variable that names no executable file instead of looking further', () => {
    const environment = { COREBGP_TOOL_ETCD: join(root, 'nothing'), PATH: dirname(program('path/etcd')) };
    expect(() => findTool('etcd', root, environment)).toThrow(/COREBGP_TOOL_ETCD .* no executable file/);
  });

  it('takes a program of PATH before an unpacked one', () => {
    program('.cache/tools/etcd/usr/bin/etcd');
    const installed = program('path/etcd');
    expect(findTool('etcd', root, { PATH: join(root, 'path') })).toEqual({ path: installed, env: {} });
  });

  it('gives an unpacked program its own libraries', () => {
    const unpacked = program('.cache/tools/etcd/usr/bin/etcd');
    program('.cache/tools/etcd/usr/lib/x86_64-linux-gnu/libsomething.so');
    expect(findTool('etcd', root, { PATH: '' })).toEqual({
      path: unpacked,
      env: { LD_LIBRARY_PATH: join(root, '.cache/tools/etcd/usr/lib/x86_64-linux-gnu') },
    });
  });

  it('says what to install when there is none', () => {
    expect(() => findTool('etcd', root, { PATH: '' })).toThrow(/apt-get install etcd-server.*COREBGP_TOOL_ETCD/);
  });
});
