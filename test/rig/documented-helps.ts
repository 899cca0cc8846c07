/** The world that the examples of the verbs' --help are about: shop/web, its project, its router. */

/** What the examples of the helps take for granted. */
export const helpWorld: Readonly<Record<string, string>> = {
  'project.yaml': `kind: Project
metadata: { name: shop }
spec:
  prefixes: [{ prefix: 203.0.113.0/24 }, { prefix: "2001:db8::/32" }]
  nextHops: [10.0.0.0/8, "2001:db8:1::/48"]
`,
  'web.yaml': `kind: Announcement
metadata: { project: shop, name: web, labels: { team: edge } }
spec:
  prefixes: [203.0.113.10/32, "2001:db8::10/128"]
  nextHops: [{ address: 10.0.1.11 }, { address: 10.0.1.12 }, { address: "2001:db8:1::11" }]
`,
  'peer.yaml': 'kind: Peer\nmetadata: { name: rr1 }\nspec: { address: 192.0.2.254, asn: 64512 }\n',
  'drains.yaml': `kind: Drain
metadata: { name: next-hop }
spec: { target: { nextHop: 10.0.1.11 } }
---
kind: Drain
metadata: { name: web }
spec: { target: { announcement: shop/web } }
`,
  'corebgp.yaml': 'node: { name: edge1 }\nspeaker: { asn: 64512, routerId: 192.0.2.1 }\n',
};

/** What must have been done before. */
export const helpPrelude: Readonly<Record<string, readonly string[]>> = {
  // It finds fault with what is still on its way.
  doctor: ['corebgp wait peer rr1 --for established', 'corebgp wait announcement shop/web --for state=announced'],
  undrain: ['corebgp apply -f drains.yaml'],
  undelete: ['corebgp delete announcement shop/web', 'corebgp delete peer rr1'],
};
