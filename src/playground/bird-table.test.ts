import { describe, expect, it } from 'vitest';
import { parseReply } from './bird-control.ts';
import { parseRoutes, parseSessions } from './bird-table.ts';

// Replies of BIRD 2.0.12 as they came over its control socket, from a session with GoBGP 3.10 as route reflector with add-path.
const routesReply = `0001 BIRD 2.0.12 ready.
1007-Table master4:
 198.51.100.0/24      unreachable [own_ipv4 2026-11-22 08:05:45.140] * (200)
1008-\tType: static univ
1007-203.0.113.10/32      unreachable [speaker 2026-11-22 08:05:46.143 from 127.0.0.1] * (100/-) [i]
1008-\tType: BGP univ
1012-\tBGP.origin: IGP
 \tBGP.as_path: 
 \tBGP.next_hop: 10.0.1.11
 \tBGP.med: 5
 \tBGP.local_pref: 200
 \tBGP.originator_id: 10.255.0.1
 \tBGP.cluster_list: 10.255.0.1
1007-                     unreachable [speaker 2026-11-22 08:05:46.156 from 127.0.0.1] (100/-) [AS64998e]
1008-\tType: BGP univ
1012-\tBGP.origin: EGP
 \tBGP.as_path: 64999 64998
 \tBGP.next_hop: 10.0.1.12
 \tBGP.local_pref: 100
 \tBGP.community: (65000,1) (65000,2)
 \tBGP.originator_id: 10.255.0.1
 \tBGP.cluster_list: 10.255.0.1
 \tBGP.large_community: (65000, 1, 4294967295) (65000, 2, 0)
1007-
 Table master6:
 2001:db8:a:1111:2222:3333:4444:10/128 unreachable [speaker 2026-11-22 08:05:46.171 from 127.0.0.1] * (100/-) [?]
1008-\tType: BGP univ
1012-\tBGP.origin: Incomplete
 \tBGP.as_path: 
 \tBGP.next_hop: 2001:db8::1
 \tBGP.local_pref: 100
 \tBGP.originator_id: 10.255.0.1
 \tBGP.cluster_list: 10.255.0.1
1007-                     unreachable [speaker 2026-11-22 08:05:46.185 from 127.0.0.1] (100/-) [?]
1008-\tType: BGP univ
1012-\tBGP.origin: Incomplete
 \tBGP.as_path: 
 \tBGP.next_hop: 2001:db8::2
 \tBGP.med: 0
 \tBGP.local_pref: 100
 \tBGP.originator_id: 10.255.0.1
 \tBGP.cluster_list: 10.255.0.1
0000 
`;

const sessionsReply = `0001 BIRD 2.0.12 ready.
2002-Name       Proto      Table      State  Since         Info
1002-device1    Device     ---        up     2026-11-22 08:05:45.140  
1006-
1002-anywhere4  Static     nexthops4  up     2026-11-22 08:05:45.140  
1006-  Channel ipv4
     State:          UP
     Table:          nexthops4
     Preference:     200
     Input filter:   ACCEPT
     Output filter:  REJECT
     Routes:         1 imported, 0 exported, 1 preferred
     Route change stats:     received   rejected   filtered    ignored   accepted
       Import updates:              1          0          0          0          1
       Import withdraws:            0          0        ---          0          0
       Export updates:              0          0          0        ---          0
       Export withdraws:            0        ---        ---        ---          0
 
1002-speaker    BGP        ---        up     2026-11-22 08:05:46.115  Established   
1006-  BGP state:          Established
     Neighbor address: 127.0.0.1
     Neighbor port:    28344
     Neighbor AS:      65000
     Local AS:         65000
     Neighbor ID:      10.255.0.1
     Local capabilities
       Multiprotocol
         AF announced: ipv4 ipv6
       Route refresh
       Graceful restart
       4-octet AS numbers
       ADD-PATH
         RX: ipv4 ipv6
         TX:
       Enhanced refresh
       Long-lived graceful restart
     Neighbor capabilities
       Multiprotocol
         AF announced: ipv4 ipv6
       Route refresh
       Extended next hop
         IPv6 nexthop: ipv4
       4-octet AS numbers
       ADD-PATH
         RX:
         TX: ipv4 ipv6
       Hostname: vm
     Session:          internal multihop AS4
     Source address:   127.0.0.2
     Hold timer:       26.768/30
     Keepalive timer:  8.995/10
   Channel ipv4
     State:          UP
     Table:          master4
     Preference:     100
     Input filter:   logged
     Output filter:  REJECT
     Routes:         2 imported, 0 exported, 1 preferred
     Route change stats:     received   rejected   filtered    ignored   accepted
       Import updates:              2          0          0          0          2
       Import withdraws:            0          0        ---          0          0
       Export updates:              2          1          1        ---          0
       Export withdraws:            0        ---        ---        ---          0
     BGP Next hop:   127.0.0.2
     IGP IPv4 table: nexthops4
   Channel ipv6
     State:          UP
     Table:          master6
     Preference:     100
     Input filter:   logged
     Output filter:  REJECT
     Routes:         2 imported, 0 exported, 1 preferred
     Route change stats:     received   rejected   filtered    ignored   accepted
       Import updates:              2          0          0          0          2
       Import withdraws:            0          0        ---          0          0
       Export updates:              1          1          0        ---          0
       Export withdraws:            0        ---        ---        ---          0
     BGP Next hop:   ::
     IGP IPv6 table: nexthops6
 
0000 
`;

describe('a reply of BIRD', () => {
  it('is split into lines with their codes, the greeting and the empty end left out', () => {
    expect(parseReply('0001 BIRD 2.0.12 ready.\n1007-Table master4:\n more\n0000 \n')).toEqual([
      { code: 1007, text: 'Table master4:' },
      { code: 1007, text: 'more' },
    ]);
  });
});

describe('parseRoutes', () => {
  const routes = parseRoutes(parseReply(routesReply));
  const common = { protocol: 'speaker', originatorId: '10.255.0.1', communities: [], largeCommunities: [], asPath: [] };

  it('reads both next hops of an IPv4 prefix with their attributes', () => {
    expect(routes.filter(({ table }) => table === 'master4')).toEqual([
      {
        ...common,
        table: 'master4',
        prefix: '203.0.113.10/32',
        nextHop: '10.0.1.11',
        best: true,
        origin: 'igp',
        med: 5,
        localPref: 200,
      },
      {
        ...common,
        table: 'master4',
        prefix: '203.0.113.10/32',
        nextHop: '10.0.1.12',
        best: false,
        origin: 'egp',
        localPref: 100,
        asPath: [64999, 64998],
        communities: ['65000:1', '65000:2'],
        largeCommunities: ['65000:1:4294967295', '65000:2:0'],
      },
    ]);
  });

  it('reads both next hops of an IPv6 prefix that is wider than its column', () => {
    const prefix = '2001:db8:a:1111:2222:3333:4444:10/128';
    expect(routes.filter(({ table }) => table === 'master6')).toEqual([
      { ...common, table: 'master6', prefix, nextHop: '2001:db8::1', best: true, origin: 'incomplete', localPref: 100 },
      {
        ...common,
        table: 'master6',
        prefix,
        nextHop: '2001:db8::2',
        best: false,
        origin: 'incomplete',
        localPref: 100,
        med: 0,
      },
    ]);
  });

  it('leaves out routes that are not BGP', () => {
    expect(routes.some(({ prefix }) => prefix === '198.51.100.0/24')).toBe(false);
  });

  it('finds no route in the reply of empty tables', () => {
    expect(parseRoutes(parseReply('0001 BIRD 2.0.12 ready.\n0000 \n'))).toEqual([]);
  });
});

describe('parseSessions', () => {
  it('reads the state of BGP sessions only, and for which families several paths can come', () => {
    expect(parseSessions(parseReply(sessionsReply))).toEqual([
      {
        name: 'speaker',
        state: 'Established',
        neighborAddress: '127.0.0.1',
        neighborId: '10.255.0.1',
        addPathReceive: ['ipv4', 'ipv6'],
      },
    ]);
  });
});
