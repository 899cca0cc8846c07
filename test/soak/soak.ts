/** `npm run soak`: CoreBGP killed KILLS times (50) by each signal under churn, with both generations of GoBGP. SEED plays a run again. */
import { startJudgedNode } from '../rig/judged-node.ts';
import { killAll } from '../rig/kills.ts';
import { seedOf } from '../rig/seeded.ts';
import { gobgpGenerations } from '../servers/gobgpd.ts';

const seed = seedOf();
const kills = Number(process.env['KILLS'] ?? 50);
for (const generation of gobgpGenerations) {
  process.stdout.write(`GoBGP ${generation}, SEED=${seed}: ${kills} kills by each signal …\n`);
  const judged = await startJudgedNode({ generation, seed });
  try {
    process.stdout.write(`GoBGP ${generation}, ${await killAll(judged, kills)}\n`);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  } finally {
    await judged.close();
  }
}
