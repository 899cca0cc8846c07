import { describe, expect, it } from 'vitest';
import { nextHopChanges, parseBirdLog } from './bird-log.ts';

// Logs that BIRD 2.0.12 wrote beside a real GoBGP.
const sessionLog = `2026-11-22 08:05:46.114 <TRACE> speaker: Connecting to 127.0.0.1 from local address 127.0.0.2
2026-11-22 08:05:46.115 <TRACE> speaker: Connected
2026-11-22 08:05:46.115 <TRACE> speaker: BGP session established
2026-11-22 08:05:46.115 <WARN> speaker: Missing next hop address
2026-11-22 08:05:46.115 <TRACE> speaker: State changed to up
2026-11-22 08:05:46.143 <INFO> received speaker 203.0.113.10/32 via 10.0.1.11
2026-11-22 08:05:46.143 <TRACE> speaker.ipv4 > added [best] 203.0.113.10/32 1L 6G unreachable
2026-11-22 08:05:46.156 <INFO> received speaker 203.0.113.10/32 via 10.0.1.12
2026-11-22 08:05:46.156 <TRACE> speaker.ipv4 > added 203.0.113.10/32 2L 7G unreachable
2026-11-22 08:05:46.171 <INFO> received speaker 2001:db8:a:1111:2222:3333:4444:10/128 via 2001:db8::1
2026-11-22 08:05:46.171 <TRACE> speaker.ipv6 > added [best] 2001:db8:a:1111:2222:3333:4444:10/128 1L 6G unreachable
2026-11-22 08:05:46.185 <INFO> received speaker 2001:db8:a:1111:2222:3333:4444:10/128 via 2001:db8::2
2026-11-22 08:05:46.185 <TRACE> speaker.ipv6 > added 2001:db8:a:1111:2222:3333:4444:10/128 2L 7G unreachable
2026-11-22 08:05:46.704 <INFO> received speaker 203.0.113.10/32 via 10.0.1.12
2026-11-22 08:05:46.704 <TRACE> speaker.ipv4 > added 203.0.113.10/32 2L 7G unreachable
2026-11-22 08:05:46.918 <INFO> received speaker 203.0.113.10/32 via 10.0.1.12
2026-11-22 08:05:46.918 <TRACE> speaker.ipv4 > ignored 203.0.113.10/32 2L 7G unreachable
2026-11-22 08:05:47.132 <TRACE> speaker.ipv4 > removed [replaced] 203.0.113.10/32 1L 6G unreachable
2026-11-22 08:05:47.144 <TRACE> speaker.ipv6 > removed 2001:db8:a:1111:2222:3333:4444:10/128 2L 7G unreachable
2026-11-22 08:05:47.348 <RMT> speaker: Received: Peer de-configured
2026-11-22 08:05:47.348 <TRACE> speaker: BGP session closed
2026-11-22 08:05:47.348 <TRACE> speaker: State changed to stop
2026-11-22 08:05:47.348 <TRACE> speaker.ipv4 > removed [sole] 203.0.113.10/32 2L 7G unreachable
2026-11-22 08:05:47.348 <TRACE> speaker.ipv6 > removed [sole] 2001:db8:a:1111:2222:3333:4444:10/128 1L 6G unreachable
2026-11-22 08:05:47.348 <TRACE> speaker: Down
2026-11-22 08:05:47.348 <TRACE> speaker: State changed to flush
2026-11-22 08:05:47.348 <TRACE> speaker: State changed to down
2026-11-22 08:05:47.348 <TRACE> speaker: Starting
2026-11-22 08:05:47.348 <TRACE> speaker: State changed to start
2026-11-22 08:05:47.348 <TRACE> speaker: Started
2026-11-22 08:05:47.348 <TRACE> speaker: Connect delayed by 1 seconds`;

const gracefulLog = `2026-11-22 08:08:51.083 <TRACE> speaker: BGP session established
2026-11-22 08:08:51.105 <INFO> received speaker 203.0.113.10/32 via 10.0.1.11
2026-11-22 08:08:51.105 <TRACE> speaker.ipv4 > added [best] 203.0.113.10/32 1L 5G unreachable
2026-11-22 08:08:51.116 <INFO> received speaker 203.0.113.10/32 via 10.0.1.12
2026-11-22 08:08:51.116 <TRACE> speaker.ipv4 > added 203.0.113.10/32 2L 6G unreachable
2026-11-22 08:08:51.127 <INFO> received speaker 203.0.113.10/32 via 10.0.1.13
2026-11-22 08:08:51.127 <TRACE> speaker.ipv4 > added 203.0.113.10/32 3L 7G unreachable
2026-11-22 08:08:51.632 <TRACE> speaker: Connection closed
2026-11-22 08:08:51.632 <TRACE> speaker: Neighbor graceful restart detected
2026-11-22 08:08:51.632 <TRACE> speaker: State changed to start
2026-11-22 08:08:51.632 <TRACE> speaker: BGP session closed
2026-11-22 08:08:52.463 <TRACE> speaker: BGP session established
2026-11-22 08:08:52.463 <TRACE> speaker: Neighbor graceful restart done
2026-11-22 08:08:52.463 <INFO> received speaker 203.0.113.10/32 via 10.0.1.11
2026-11-22 08:08:52.463 <TRACE> speaker.ipv4 > added 203.0.113.10/32 2L 6G unreachable
2026-11-22 08:08:52.463 <INFO> received speaker 203.0.113.10/32 via 10.0.1.12
2026-11-22 08:08:52.463 <TRACE> speaker.ipv4 > added [best] 203.0.113.10/32 1L 5G unreachable
2026-11-22 08:08:52.463 <TRACE> speaker.ipv4 > removed 203.0.113.10/32 3L 7G unreachable`;

const v6 = '2001:db8:a:1111:2222:3333:4444:10/128';
const words = (log: string) =>
  parseBirdLog(log).map((event) =>
    'prefix' in event ? `${event.kind} ${event.prefix} ${event.nextHop} #${event.pathId}` : event.kind,
  );

describe('parseBirdLog', () => {
  it('reads announcements, replacements and withdrawals with their next hops, and leaves out what changed nothing', () => {
    expect(words(sessionLog)).toEqual([
      'up',
      'announce 203.0.113.10/32 10.0.1.11 #1',
      'announce 203.0.113.10/32 10.0.1.12 #2',
      `announce ${v6} 2001:db8::1 #1`,
      `announce ${v6} 2001:db8::2 #2`,
      'announce 203.0.113.10/32 10.0.1.12 #2',
      'withdraw 203.0.113.10/32 10.0.1.11 #1',
      `withdraw ${v6} 2001:db8::2 #2`,
      'down',
      'withdraw 203.0.113.10/32 10.0.1.12 #2',
      `withdraw ${v6} 2001:db8::1 #1`,
    ]);
  });

  it('gives each event its time, read as UTC', () => {
    const [first] = parseBirdLog(sessionLog);
    expect(first).toEqual({ kind: 'up', protocol: 'speaker', time: Date.UTC(2026, 10, 22, 8, 5, 46, 115) });
  });

  it('knows a session that went down into graceful restart from one that lost its routes', () => {
    expect(words(gracefulLog).filter((word) => !word.startsWith('announce'))).toEqual([
      'up',
      'down',
      'up',
      'withdraw 203.0.113.10/32 10.0.1.13 #3',
    ]);
  });
});

describe('nextHopChanges', () => {
  const lost = (log: string) =>
    nextHopChanges(parseBirdLog(log)).flatMap(({ kind, nextHop }) => (kind === 'lost' ? [nextHop] : []));

  it('loses nothing when two paths swap their identifiers, and only what did not come again', () => {
    expect(lost(gracefulLog)).toEqual(['10.0.1.13']);
  });

  it('finds the loss in an announcement that replaces one next hop by another under the same identifier', () => {
    const replaced = gracefulLog
      .split('\n')
      .filter((line) => !line.includes('[best] 203.0.113.10/32 1L 5G') || line.includes('08:08:51'))
      .join('\n');
    expect(lost(replaced).sort()).toEqual(['10.0.1.12', '10.0.1.13']);
  });

  it('reports every route of a session that ended', () => {
    expect(lost(sessionLog)).toEqual(['10.0.1.11', '2001:db8::2', '10.0.1.12', '2001:db8::1']);
  });
});
