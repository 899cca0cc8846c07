/** Written by test/rig/record-examples.ts: what a server answered to the examples. Long because: all of them are here. */
import type { RecordedAnswers } from './example.ts';

export const recordedAnswers: RecordedAnswers = {
  'projects.create/shop': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'shop',
        uid: '5feceb66ffc86f38d952786c6d696c79',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1001,
      },
      spec: {
        prefixes: [
          {
            prefix: '203.0.113.0/24',
          },
          {
            prefix: '2001:db8::/32',
            maxLength: 128,
          },
        ],
        nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
      },
    },
  },
  'projects.create/lab': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'lab',
        labels: {
          team: 'edge',
        },
        uid: '6b86b273ff34fce19d6b804eff5a3f57',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1002,
      },
      spec: {
        prefixes: [
          {
            prefix: '2001:db8:aa::/48',
          },
        ],
        nextHops: ['10.9.0.0/16'],
      },
    },
  },
  'projects.create/again': {
    status: 409,
    body: {
      type: 'urn:corebgp:error:alreadyExists',
      title: 'Already exists',
      status: 409,
      code: 'alreadyExists',
      detail:
        'Project "shop" exists already, at revision 1001; to replace it use PUT (corebgp apply) without If-None-Match.',
      requestId: 'd4735e3a265e16ee',
    },
  },
  'projects.get/shop': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'shop',
        uid: '5feceb66ffc86f38d952786c6d696c79',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1001,
      },
      spec: {
        prefixes: [
          {
            prefix: '203.0.113.0/24',
          },
          {
            prefix: '2001:db8::/32',
            maxLength: 128,
          },
        ],
        nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
      },
    },
  },
  'projects.get/missing': {
    status: 404,
    body: {
      type: 'urn:corebgp:error:notFound',
      title: 'Not found',
      status: 404,
      code: 'notFound',
      detail: 'There is no Project "nothing".',
      requestId: '4e07408562bedb8b',
    },
  },
  'projects.list/all': {
    status: 200,
    body: {
      revision: 1002,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Project',
          metadata: {
            name: 'lab',
            labels: {
              team: 'edge',
            },
            uid: '6b86b273ff34fce19d6b804eff5a3f57',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1002,
          },
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
        {
          apiVersion: 'corebgp/v1',
          kind: 'Project',
          metadata: {
            name: 'shop',
            uid: '5feceb66ffc86f38d952786c6d696c79',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1001,
          },
          spec: {
            prefixes: [
              {
                prefix: '203.0.113.0/24',
              },
              {
                prefix: '2001:db8::/32',
                maxLength: 128,
              },
            ],
            nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
          },
        },
      ],
    },
  },
  'projects.list/first-page': {
    status: 200,
    body: {
      revision: 1002,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Project',
          metadata: {
            name: 'lab',
            labels: {
              team: 'edge',
            },
            uid: '6b86b273ff34fce19d6b804eff5a3f57',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1002,
          },
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
      ],
      continue: '4b227777d4dd1fc61c6f884f48641d02-1',
      remaining: 1,
    },
  },
  'projects.list/second-page': {
    status: 200,
    body: {
      revision: 1002,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Project',
          metadata: {
            name: 'shop',
            uid: '5feceb66ffc86f38d952786c6d696c79',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1001,
          },
          spec: {
            prefixes: [
              {
                prefix: '203.0.113.0/24',
              },
              {
                prefix: '2001:db8::/32',
                maxLength: 128,
              },
            ],
            nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
          },
        },
      ],
    },
  },
  'projects.all/all': {
    status: 200,
    body: [
      {
        apiVersion: 'corebgp/v1',
        kind: 'Project',
        metadata: {
          name: 'lab',
          labels: {
            team: 'edge',
          },
          uid: '6b86b273ff34fce19d6b804eff5a3f57',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1002,
        },
        spec: {
          prefixes: [
            {
              prefix: '2001:db8:aa::/48',
            },
          ],
          nextHops: ['10.9.0.0/16'],
        },
      },
      {
        apiVersion: 'corebgp/v1',
        kind: 'Project',
        metadata: {
          name: 'shop',
          uid: '5feceb66ffc86f38d952786c6d696c79',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1001,
        },
        spec: {
          prefixes: [
            {
              prefix: '203.0.113.0/24',
            },
            {
              prefix: '2001:db8::/32',
              maxLength: 128,
            },
          ],
          nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
        },
      },
    ],
  },
  'projects.replace/lab': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'lab',
        labels: {
          team: 'edge',
        },
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '6b86b273ff34fce19d6b804eff5a3f57',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1003,
      },
      spec: {
        prefixes: [
          {
            prefix: '2001:db8:aa::/48',
          },
        ],
        nextHops: ['10.9.0.0/16'],
      },
    },
  },
  'projects.replace/changed-meanwhile': {
    status: 412,
    body: {
      type: 'urn:corebgp:error:conflict',
      title: 'Changed meanwhile',
      status: 412,
      code: 'conflict',
      detail:
        'Project "lab" is at revision 1003, not at revision 1002 as asked; read it again, then repeat the change on what it is now.',
      requestId: 'ef2d127de37b942b',
    },
  },
  'projects.patch/lab': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'lab',
        labels: {
          team: 'edge',
        },
        annotations: {
          owner: 'lab@example.net',
        },
        uid: '6b86b273ff34fce19d6b804eff5a3f57',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1004,
      },
      spec: {
        prefixes: [
          {
            prefix: '2001:db8:aa::/48',
          },
        ],
        nextHops: ['10.9.0.0/16'],
      },
    },
  },
  'projects.delete/lab': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'lab',
        labels: {
          team: 'edge',
        },
        annotations: {
          owner: 'lab@example.net',
        },
        uid: '6b86b273ff34fce19d6b804eff5a3f57',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1004,
      },
      spec: {
        prefixes: [
          {
            prefix: '2001:db8:aa::/48',
          },
        ],
        nextHops: ['10.9.0.0/16'],
      },
    },
  },
  'projects.undelete/lab': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Project',
      metadata: {
        name: 'lab',
        labels: {
          team: 'edge',
        },
        annotations: {
          owner: 'lab@example.net',
        },
        uid: '6b86b273ff34fce19d6b804eff5a3f57',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1006,
      },
      spec: {
        prefixes: [
          {
            prefix: '2001:db8:aa::/48',
          },
        ],
        nextHops: ['10.9.0.0/16'],
      },
    },
  },
  'projects.history/lab': {
    status: 200,
    body: {
      kind: 'Project',
      name: 'lab',
      exists: true,
      versions: [
        {
          revision: 1006,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {
            team: 'edge',
          },
          annotations: {
            owner: 'lab@example.net',
          },
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
        {
          revision: 1005,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1004,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              before: 'noc@example.net',
              after: 'lab@example.net',
            },
          ],
          labels: {
            team: 'edge',
          },
          annotations: {
            owner: 'lab@example.net',
          },
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
        {
          revision: 1003,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {
            team: 'edge',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
        {
          revision: 1002,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {
            team: 'edge',
          },
          annotations: {},
          spec: {
            prefixes: [
              {
                prefix: '2001:db8:aa::/48',
              },
            ],
            nextHops: ['10.9.0.0/16'],
          },
        },
      ],
    },
  },
  'announcements.create/web': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'web',
        project: 'shop',
        labels: {
          team: 'edge',
        },
        uid: 'e7f6c011776e8db7cd330b54174fd76f',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1007,
      },
      spec: {
        prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
        nextHops: [
          {
            address: '10.0.1.11',
            zone: 'eu-1a',
            attributes: {
              localPref: 200,
            },
          },
          {
            address: '10.0.1.12',
            zone: 'eu-1b',
          },
          {
            address: '2001:db8:1::11',
            zone: 'eu-1a',
          },
        ],
        healthCheck: {
          type: 'http',
          port: 8080,
          path: '/healthz',
          expect: {
            status: ['200-399'],
          },
        },
        attributes: {
          communities: ['64512:100'],
        },
        policy: {
          minHealthy: 1,
          onAllDown: 'withdraw',
        },
      },
    },
  },
  'announcements.create/mail': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'mail',
        project: 'shop',
        labels: {
          team: 'mail',
        },
        uid: '7902699be42c8a8e46fbbb4501726517',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1008,
      },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [
          {
            address: '10.0.1.25',
          },
          {
            address: '2001:db8:1::25',
          },
        ],
      },
    },
  },
  'announcements.create/again': {
    status: 409,
    body: {
      type: 'urn:corebgp:error:alreadyExists',
      title: 'Already exists',
      status: 409,
      code: 'alreadyExists',
      detail:
        'Announcement "shop/web" exists already, at revision 1007; to replace it use PUT (corebgp apply) without If-None-Match.',
      requestId: '2c624232cdd22177',
    },
  },
  'announcements.get/web': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'web',
        project: 'shop',
        labels: {
          team: 'edge',
        },
        uid: 'e7f6c011776e8db7cd330b54174fd76f',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1007,
      },
      spec: {
        prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
        nextHops: [
          {
            address: '10.0.1.11',
            zone: 'eu-1a',
            attributes: {
              localPref: 200,
            },
          },
          {
            address: '10.0.1.12',
            zone: 'eu-1b',
          },
          {
            address: '2001:db8:1::11',
            zone: 'eu-1a',
          },
        ],
        healthCheck: {
          type: 'http',
          port: 8080,
          path: '/healthz',
          expect: {
            status: ['200-399'],
          },
        },
        attributes: {
          communities: ['64512:100'],
        },
        policy: {
          minHealthy: 1,
          onAllDown: 'withdraw',
        },
      },
      status: {
        state: 'pending',
        reason: 'noSpeaker',
        message: 'No speaker has reported yet.',
        nextHops: [
          {
            address: '10.0.1.11',
            health: 'unknown',
            fresh: false,
            path: 'keep',
            why: 'neverChecked',
          },
          {
            address: '10.0.1.12',
            health: 'unknown',
            fresh: false,
            path: 'keep',
            why: 'neverChecked',
          },
          {
            address: '2001:db8:1::11',
            health: 'unknown',
            fresh: false,
            path: 'keep',
            why: 'neverChecked',
          },
        ],
        speakers: [],
      },
    },
  },
  'announcements.get/missing': {
    status: 404,
    body: {
      type: 'urn:corebgp:error:notFound',
      title: 'Not found',
      status: 404,
      code: 'notFound',
      detail: 'There is no Announcement "shop/nothing".',
      requestId: '19581e27de7ced00',
    },
  },
  'announcements.list/all': {
    status: 200,
    body: {
      revision: 1008,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Announcement',
          metadata: {
            name: 'mail',
            project: 'shop',
            labels: {
              team: 'mail',
            },
            uid: '7902699be42c8a8e46fbbb4501726517',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1008,
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
          status: {
            state: 'pending',
            reason: 'noSpeaker',
            message: 'No speaker has reported yet.',
            nextHops: [
              {
                address: '10.0.1.25',
                health: 'unchecked',
                fresh: false,
                path: 'announce',
                why: 'unchecked',
              },
              {
                address: '2001:db8:1::25',
                health: 'unchecked',
                fresh: false,
                path: 'announce',
                why: 'unchecked',
              },
            ],
            speakers: [],
          },
        },
        {
          apiVersion: 'corebgp/v1',
          kind: 'Announcement',
          metadata: {
            name: 'web',
            project: 'shop',
            labels: {
              team: 'edge',
            },
            uid: 'e7f6c011776e8db7cd330b54174fd76f',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1007,
          },
          spec: {
            prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
            nextHops: [
              {
                address: '10.0.1.11',
                zone: 'eu-1a',
                attributes: {
                  localPref: 200,
                },
              },
              {
                address: '10.0.1.12',
                zone: 'eu-1b',
              },
              {
                address: '2001:db8:1::11',
                zone: 'eu-1a',
              },
            ],
            healthCheck: {
              type: 'http',
              port: 8080,
              path: '/healthz',
              expect: {
                status: ['200-399'],
              },
            },
            attributes: {
              communities: ['64512:100'],
            },
            policy: {
              minHealthy: 1,
              onAllDown: 'withdraw',
            },
          },
          status: {
            state: 'pending',
            reason: 'noSpeaker',
            message: 'No speaker has reported yet.',
            nextHops: [
              {
                address: '10.0.1.11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '10.0.1.12',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '2001:db8:1::11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
            ],
            speakers: [],
          },
        },
      ],
    },
  },
  'announcements.list/some': {
    status: 200,
    body: {
      revision: 1008,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Announcement',
          metadata: {
            name: 'web',
            project: 'shop',
            labels: {
              team: 'edge',
            },
            uid: 'e7f6c011776e8db7cd330b54174fd76f',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1007,
          },
          spec: {
            prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
            nextHops: [
              {
                address: '10.0.1.11',
                zone: 'eu-1a',
                attributes: {
                  localPref: 200,
                },
              },
              {
                address: '10.0.1.12',
                zone: 'eu-1b',
              },
              {
                address: '2001:db8:1::11',
                zone: 'eu-1a',
              },
            ],
            healthCheck: {
              type: 'http',
              port: 8080,
              path: '/healthz',
              expect: {
                status: ['200-399'],
              },
            },
            attributes: {
              communities: ['64512:100'],
            },
            policy: {
              minHealthy: 1,
              onAllDown: 'withdraw',
            },
          },
          status: {
            state: 'pending',
            reason: 'noSpeaker',
            message: 'No speaker has reported yet.',
            nextHops: [
              {
                address: '10.0.1.11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '10.0.1.12',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '2001:db8:1::11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
            ],
            speakers: [],
          },
        },
      ],
    },
  },
  'announcements.list/first-page': {
    status: 200,
    body: {
      revision: 1008,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Announcement',
          metadata: {
            name: 'mail',
            project: 'shop',
            labels: {
              team: 'mail',
            },
            uid: '7902699be42c8a8e46fbbb4501726517',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1008,
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
          status: {
            state: 'pending',
            reason: 'noSpeaker',
            message: 'No speaker has reported yet.',
            nextHops: [
              {
                address: '10.0.1.25',
                health: 'unchecked',
                fresh: false,
                path: 'announce',
                why: 'unchecked',
              },
              {
                address: '2001:db8:1::25',
                health: 'unchecked',
                fresh: false,
                path: 'announce',
                why: 'unchecked',
              },
            ],
            speakers: [],
          },
        },
      ],
      continue: '4a44dc15364204a80fe80e9039455cc1-1',
      remaining: 1,
    },
  },
  'announcements.list/second-page': {
    status: 200,
    body: {
      revision: 1008,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Announcement',
          metadata: {
            name: 'web',
            project: 'shop',
            labels: {
              team: 'edge',
            },
            uid: 'e7f6c011776e8db7cd330b54174fd76f',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1007,
          },
          spec: {
            prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
            nextHops: [
              {
                address: '10.0.1.11',
                zone: 'eu-1a',
                attributes: {
                  localPref: 200,
                },
              },
              {
                address: '10.0.1.12',
                zone: 'eu-1b',
              },
              {
                address: '2001:db8:1::11',
                zone: 'eu-1a',
              },
            ],
            healthCheck: {
              type: 'http',
              port: 8080,
              path: '/healthz',
              expect: {
                status: ['200-399'],
              },
            },
            attributes: {
              communities: ['64512:100'],
            },
            policy: {
              minHealthy: 1,
              onAllDown: 'withdraw',
            },
          },
          status: {
            state: 'pending',
            reason: 'noSpeaker',
            message: 'No speaker has reported yet.',
            nextHops: [
              {
                address: '10.0.1.11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '10.0.1.12',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
              {
                address: '2001:db8:1::11',
                health: 'unknown',
                fresh: false,
                path: 'keep',
                why: 'neverChecked',
              },
            ],
            speakers: [],
          },
        },
      ],
    },
  },
  'announcements.all/all': {
    status: 200,
    body: [
      {
        apiVersion: 'corebgp/v1',
        kind: 'Announcement',
        metadata: {
          name: 'mail',
          project: 'shop',
          labels: {
            team: 'mail',
          },
          uid: '7902699be42c8a8e46fbbb4501726517',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1008,
        },
        spec: {
          prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
          nextHops: [
            {
              address: '10.0.1.25',
            },
            {
              address: '2001:db8:1::25',
            },
          ],
        },
        status: {
          state: 'pending',
          reason: 'noSpeaker',
          message: 'No speaker has reported yet.',
          nextHops: [
            {
              address: '10.0.1.25',
              health: 'unchecked',
              fresh: false,
              path: 'announce',
              why: 'unchecked',
            },
            {
              address: '2001:db8:1::25',
              health: 'unchecked',
              fresh: false,
              path: 'announce',
              why: 'unchecked',
            },
          ],
          speakers: [],
        },
      },
      {
        apiVersion: 'corebgp/v1',
        kind: 'Announcement',
        metadata: {
          name: 'web',
          project: 'shop',
          labels: {
            team: 'edge',
          },
          uid: 'e7f6c011776e8db7cd330b54174fd76f',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1007,
        },
        spec: {
          prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
          nextHops: [
            {
              address: '10.0.1.11',
              zone: 'eu-1a',
              attributes: {
                localPref: 200,
              },
            },
            {
              address: '10.0.1.12',
              zone: 'eu-1b',
            },
            {
              address: '2001:db8:1::11',
              zone: 'eu-1a',
            },
          ],
          healthCheck: {
            type: 'http',
            port: 8080,
            path: '/healthz',
            expect: {
              status: ['200-399'],
            },
          },
          attributes: {
            communities: ['64512:100'],
          },
          policy: {
            minHealthy: 1,
            onAllDown: 'withdraw',
          },
        },
        status: {
          state: 'pending',
          reason: 'noSpeaker',
          message: 'No speaker has reported yet.',
          nextHops: [
            {
              address: '10.0.1.11',
              health: 'unknown',
              fresh: false,
              path: 'keep',
              why: 'neverChecked',
            },
            {
              address: '10.0.1.12',
              health: 'unknown',
              fresh: false,
              path: 'keep',
              why: 'neverChecked',
            },
            {
              address: '2001:db8:1::11',
              health: 'unknown',
              fresh: false,
              path: 'keep',
              why: 'neverChecked',
            },
          ],
          speakers: [],
        },
      },
    ],
  },
  'announcements.replace/mail': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'mail',
        project: 'shop',
        labels: {
          team: 'mail',
        },
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '7902699be42c8a8e46fbbb4501726517',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1009,
      },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [
          {
            address: '10.0.1.25',
          },
          {
            address: '2001:db8:1::25',
          },
        ],
      },
    },
  },
  'announcements.replace/changed-meanwhile': {
    status: 412,
    body: {
      type: 'urn:corebgp:error:conflict',
      title: 'Changed meanwhile',
      status: 412,
      code: 'conflict',
      detail:
        'Announcement "shop/mail" is at revision 1009, not at revision 1008 as asked; read it again, then repeat the change on what it is now.',
      requestId: '4fc82b26aecb47d2',
    },
  },
  'announcements.patch/mail': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'mail',
        project: 'shop',
        labels: {
          team: 'mail',
        },
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '7902699be42c8a8e46fbbb4501726517',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1010,
      },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [
          {
            address: '10.0.1.25',
          },
          {
            address: '2001:db8:1::25',
          },
        ],
        attributes: {
          med: 50,
        },
      },
    },
  },
  'announcements.delete/mail': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'mail',
        project: 'shop',
        labels: {
          team: 'mail',
        },
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '7902699be42c8a8e46fbbb4501726517',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1010,
      },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [
          {
            address: '10.0.1.25',
          },
          {
            address: '2001:db8:1::25',
          },
        ],
        attributes: {
          med: 50,
        },
      },
    },
  },
  'tombstones.list/all': {
    status: 200,
    body: {
      revision: 1011,
      resources: [
        {
          kind: 'Announcement',
          project: 'shop',
          name: 'mail',
          deletedAt: '2026-01-01T12:00:00.000Z',
          keptUntil: '2026-01-01T12:00:00.000Z',
          revision: 1010,
        },
      ],
    },
  },
  'tombstones.all/all': {
    status: 200,
    body: [
      {
        kind: 'Announcement',
        project: 'shop',
        name: 'mail',
        deletedAt: '2026-01-01T12:00:00.000Z',
        keptUntil: '2026-01-01T12:00:00.000Z',
        revision: 1010,
      },
    ],
  },
  'announcements.undelete/mail': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        name: 'mail',
        project: 'shop',
        labels: {
          team: 'mail',
        },
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '7902699be42c8a8e46fbbb4501726517',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1012,
      },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [
          {
            address: '10.0.1.25',
          },
          {
            address: '2001:db8:1::25',
          },
        ],
        attributes: {
          med: 50,
        },
      },
    },
  },
  'announcements.history/mail': {
    status: 200,
    body: {
      kind: 'Announcement',
      project: 'shop',
      name: 'mail',
      exists: true,
      versions: [
        {
          revision: 1012,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1011,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1010,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'spec.attributes',
              after: {
                med: 50,
              },
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1009,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
        {
          revision: 1008,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {},
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
      ],
    },
  },
  'peers.create/rr1': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr1',
        uid: '6b51d431df5d7f141cbececcf79edf3d',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1013,
      },
      spec: {
        address: '192.0.2.1',
        asn: 64512,
      },
    },
  },
  'peers.create/rr2': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr2',
        uid: '3fdba35f04dc8c462986c992bcf87554',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1014,
      },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: {
          holdTime: '9s',
          keepalive: '3s',
        },
        addPath: {
          send: 64,
        },
      },
    },
  },
  'peers.create/again': {
    status: 409,
    body: {
      type: 'urn:corebgp:error:alreadyExists',
      title: 'Already exists',
      status: 409,
      code: 'alreadyExists',
      detail:
        'Peer "rr1" exists already, at revision 1013; to replace it use PUT (corebgp apply) without If-None-Match.',
      requestId: '8527a891e2241369',
    },
  },
  'peers.get/rr1': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr1',
        uid: '6b51d431df5d7f141cbececcf79edf3d',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1013,
      },
      spec: {
        address: '192.0.2.1',
        asn: 64512,
      },
      status: {
        speakers: [],
      },
    },
  },
  'peers.get/missing': {
    status: 404,
    body: {
      type: 'urn:corebgp:error:notFound',
      title: 'Not found',
      status: 404,
      code: 'notFound',
      detail: 'There is no Peer "nothing".',
      requestId: 'e629fa6598d73276',
    },
  },
  'peers.list/all': {
    status: 200,
    body: {
      revision: 1014,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Peer',
          metadata: {
            name: 'rr1',
            uid: '6b51d431df5d7f141cbececcf79edf3d',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1013,
          },
          spec: {
            address: '192.0.2.1',
            asn: 64512,
          },
          status: {
            speakers: [],
          },
        },
        {
          apiVersion: 'corebgp/v1',
          kind: 'Peer',
          metadata: {
            name: 'rr2',
            uid: '3fdba35f04dc8c462986c992bcf87554',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1014,
          },
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
          },
          status: {
            speakers: [],
          },
        },
      ],
    },
  },
  'peers.list/first-page': {
    status: 200,
    body: {
      revision: 1014,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Peer',
          metadata: {
            name: 'rr1',
            uid: '6b51d431df5d7f141cbececcf79edf3d',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1013,
          },
          spec: {
            address: '192.0.2.1',
            asn: 64512,
          },
          status: {
            speakers: [],
          },
        },
      ],
      continue: 'b17ef6d19c7a5b1ee83b907c595526dc-1',
      remaining: 1,
    },
  },
  'peers.list/second-page': {
    status: 200,
    body: {
      revision: 1014,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Peer',
          metadata: {
            name: 'rr2',
            uid: '3fdba35f04dc8c462986c992bcf87554',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1014,
          },
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
          },
          status: {
            speakers: [],
          },
        },
      ],
    },
  },
  'peers.all/all': {
    status: 200,
    body: [
      {
        apiVersion: 'corebgp/v1',
        kind: 'Peer',
        metadata: {
          name: 'rr1',
          uid: '6b51d431df5d7f141cbececcf79edf3d',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1013,
        },
        spec: {
          address: '192.0.2.1',
          asn: 64512,
        },
        status: {
          speakers: [],
        },
      },
      {
        apiVersion: 'corebgp/v1',
        kind: 'Peer',
        metadata: {
          name: 'rr2',
          uid: '3fdba35f04dc8c462986c992bcf87554',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1014,
        },
        spec: {
          address: '2001:db8:ffff::2',
          asn: 64512,
          timers: {
            holdTime: '9s',
            keepalive: '3s',
          },
          addPath: {
            send: 64,
          },
        },
        status: {
          speakers: [],
        },
      },
    ],
  },
  'peers.replace/rr2': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr2',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '3fdba35f04dc8c462986c992bcf87554',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1015,
      },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: {
          holdTime: '9s',
          keepalive: '3s',
        },
        addPath: {
          send: 64,
        },
      },
    },
  },
  'peers.replace/changed-meanwhile': {
    status: 412,
    body: {
      type: 'urn:corebgp:error:conflict',
      title: 'Changed meanwhile',
      status: 412,
      code: 'conflict',
      detail:
        'Peer "rr2" is at revision 1015, not at revision 1014 as asked; read it again, then repeat the change on what it is now.',
      requestId: '4523540f1504cd17',
    },
  },
  'peers.patch/rr2': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr2',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '3fdba35f04dc8c462986c992bcf87554',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1016,
      },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: {
          holdTime: '9s',
          keepalive: '3s',
        },
        addPath: {
          send: 64,
        },
        passive: true,
      },
    },
  },
  'peers.delete/rr2': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr2',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '3fdba35f04dc8c462986c992bcf87554',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1016,
      },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: {
          holdTime: '9s',
          keepalive: '3s',
        },
        addPath: {
          send: 64,
        },
        passive: true,
      },
    },
  },
  'peers.undelete/rr2': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Peer',
      metadata: {
        name: 'rr2',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '3fdba35f04dc8c462986c992bcf87554',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1018,
      },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: {
          holdTime: '9s',
          keepalive: '3s',
        },
        addPath: {
          send: 64,
        },
        passive: true,
      },
    },
  },
  'peers.history/rr2': {
    status: 200,
    body: {
      kind: 'Peer',
      name: 'rr2',
      exists: true,
      versions: [
        {
          revision: 1018,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
            passive: true,
          },
        },
        {
          revision: 1017,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1016,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'spec.passive',
              after: true,
            },
          ],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
            passive: true,
          },
        },
        {
          revision: 1015,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
          },
        },
        {
          revision: 1014,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {},
          annotations: {},
          spec: {
            address: '2001:db8:ffff::2',
            asn: 64512,
            timers: {
              holdTime: '9s',
              keepalive: '3s',
            },
            addPath: {
              send: 64,
            },
          },
        },
      ],
    },
  },
  'drains.create/rack-7': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'rack-7',
        uid: '4ec9599fc203d176a301536c2e091a19',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1019,
      },
      spec: {
        target: {
          nextHop: '10.0.1.12',
        },
        until: '2099-01-01T00:00:00Z',
        why: 'New power supply.',
      },
    },
  },
  'drains.create/zone-eu-1b': {
    status: 201,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'zone-eu-1b',
        uid: '9400f1b21cb527d7fa3d3eabba93557a',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1020,
      },
      spec: {
        target: {
          zone: 'eu-1b',
        },
        why: 'Fibre work.',
      },
    },
  },
  'drains.create/again': {
    status: 409,
    body: {
      type: 'urn:corebgp:error:alreadyExists',
      title: 'Already exists',
      status: 409,
      code: 'alreadyExists',
      detail:
        'Drain "rack-7" exists already, at revision 1019; to replace it use PUT (corebgp apply) without If-None-Match.',
      requestId: 'f5ca38f748a1d6ea',
    },
  },
  'drains.get/rack-7': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'rack-7',
        uid: '4ec9599fc203d176a301536c2e091a19',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1019,
      },
      spec: {
        target: {
          nextHop: '10.0.1.12',
        },
        until: '2099-01-01T00:00:00Z',
        why: 'New power supply.',
      },
    },
  },
  'drains.get/missing': {
    status: 404,
    body: {
      type: 'urn:corebgp:error:notFound',
      title: 'Not found',
      status: 404,
      code: 'notFound',
      detail: 'There is no Drain "nothing".',
      requestId: '6f4b6612125fb3a0',
    },
  },
  'drains.list/all': {
    status: 200,
    body: {
      revision: 1020,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Drain',
          metadata: {
            name: 'rack-7',
            uid: '4ec9599fc203d176a301536c2e091a19',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1019,
          },
          spec: {
            target: {
              nextHop: '10.0.1.12',
            },
            until: '2099-01-01T00:00:00Z',
            why: 'New power supply.',
          },
        },
        {
          apiVersion: 'corebgp/v1',
          kind: 'Drain',
          metadata: {
            name: 'zone-eu-1b',
            uid: '9400f1b21cb527d7fa3d3eabba93557a',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1020,
          },
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work.',
          },
        },
      ],
    },
  },
  'drains.list/first-page': {
    status: 200,
    body: {
      revision: 1020,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Drain',
          metadata: {
            name: 'rack-7',
            uid: '4ec9599fc203d176a301536c2e091a19',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1019,
          },
          spec: {
            target: {
              nextHop: '10.0.1.12',
            },
            until: '2099-01-01T00:00:00Z',
            why: 'New power supply.',
          },
        },
      ],
      continue: '785f3ec7eb32f30b90cd0fcf3657d388-1',
      remaining: 1,
    },
  },
  'drains.list/second-page': {
    status: 200,
    body: {
      revision: 1020,
      resources: [
        {
          apiVersion: 'corebgp/v1',
          kind: 'Drain',
          metadata: {
            name: 'zone-eu-1b',
            uid: '9400f1b21cb527d7fa3d3eabba93557a',
            createdAt: '2026-01-01T12:00:00.000Z',
            updatedAt: '2026-01-01T12:00:00.000Z',
            revision: 1020,
          },
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work.',
          },
        },
      ],
    },
  },
  'drains.all/all': {
    status: 200,
    body: [
      {
        apiVersion: 'corebgp/v1',
        kind: 'Drain',
        metadata: {
          name: 'rack-7',
          uid: '4ec9599fc203d176a301536c2e091a19',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1019,
        },
        spec: {
          target: {
            nextHop: '10.0.1.12',
          },
          until: '2099-01-01T00:00:00Z',
          why: 'New power supply.',
        },
      },
      {
        apiVersion: 'corebgp/v1',
        kind: 'Drain',
        metadata: {
          name: 'zone-eu-1b',
          uid: '9400f1b21cb527d7fa3d3eabba93557a',
          createdAt: '2026-01-01T12:00:00.000Z',
          updatedAt: '2026-01-01T12:00:00.000Z',
          revision: 1020,
        },
        spec: {
          target: {
            zone: 'eu-1b',
          },
          why: 'Fibre work.',
        },
      },
    ],
  },
  'drains.replace/zone-eu-1b': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'zone-eu-1b',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '9400f1b21cb527d7fa3d3eabba93557a',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1021,
      },
      spec: {
        target: {
          zone: 'eu-1b',
        },
        why: 'Fibre work.',
      },
    },
  },
  'drains.replace/changed-meanwhile': {
    status: 412,
    body: {
      type: 'urn:corebgp:error:conflict',
      title: 'Changed meanwhile',
      status: 412,
      code: 'conflict',
      detail:
        'Drain "zone-eu-1b" is at revision 1021, not at revision 1020 as asked; read it again, then repeat the change on what it is now.',
      requestId: '535fa30d7e25dd8a',
    },
  },
  'drains.patch/zone-eu-1b': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'zone-eu-1b',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '9400f1b21cb527d7fa3d3eabba93557a',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1022,
      },
      spec: {
        target: {
          zone: 'eu-1b',
        },
        why: 'Fibre work, second night.',
      },
    },
  },
  'drains.delete/zone-eu-1b': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'zone-eu-1b',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '9400f1b21cb527d7fa3d3eabba93557a',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1022,
      },
      spec: {
        target: {
          zone: 'eu-1b',
        },
        why: 'Fibre work, second night.',
      },
    },
  },
  'drains.undelete/zone-eu-1b': {
    status: 200,
    body: {
      apiVersion: 'corebgp/v1',
      kind: 'Drain',
      metadata: {
        name: 'zone-eu-1b',
        annotations: {
          owner: 'noc@example.net',
        },
        uid: '9400f1b21cb527d7fa3d3eabba93557a',
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-01T12:00:00.000Z',
        revision: 1024,
      },
      spec: {
        target: {
          zone: 'eu-1b',
        },
        why: 'Fibre work, second night.',
      },
    },
  },
  'drains.history/zone-eu-1b': {
    status: 200,
    body: {
      kind: 'Drain',
      name: 'zone-eu-1b',
      exists: true,
      versions: [
        {
          revision: 1024,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work, second night.',
          },
        },
        {
          revision: 1023,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1022,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'spec.why',
              before: 'Fibre work.',
              after: 'Fibre work, second night.',
            },
          ],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work, second night.',
          },
        },
        {
          revision: 1021,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {},
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work.',
          },
        },
        {
          revision: 1020,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {},
          annotations: {},
          spec: {
            target: {
              zone: 'eu-1b',
            },
            why: 'Fibre work.',
          },
        },
      ],
    },
  },
  'speakers.report/edge-1': {
    status: 200,
    body: {},
  },
  'apply/dry-run': {
    status: 200,
    body: {
      dryRun: true,
      results: [
        {
          kind: 'Announcement',
          name: 'shop/dns',
          result: 'created',
          changes: [
            {
              field: 'spec.prefixes',
              after: ['203.0.113.53/32', '2001:db8::53/128'],
            },
            {
              field: 'spec.nextHops',
              after: [
                {
                  address: '10.0.1.53',
                },
                {
                  address: '2001:db8:1::53',
                },
              ],
            },
            {
              field: 'spec.healthCheck',
              after: {
                type: 'tcp',
                port: 53,
              },
            },
          ],
        },
      ],
      paths: [
        {
          speaker: 'edge-1',
          announce: [],
          withdraw: [],
          change: [],
          keep: [
            {
              prefix: '203.0.113.53/32',
              nextHop: '10.0.1.53',
              reason: 'neverChecked',
            },
            {
              prefix: '2001:db8::53/128',
              nextHop: '2001:db8:1::53',
              reason: 'neverChecked',
            },
          ],
        },
      ],
    },
  },
  'apply/two-resources': {
    status: 200,
    body: {
      dryRun: false,
      results: [
        {
          kind: 'Project',
          name: 'shop',
          result: 'unchanged',
          revision: 1001,
        },
        {
          kind: 'Announcement',
          name: 'shop/dns',
          result: 'created',
          revision: 1026,
        },
      ],
      paths: [],
    },
  },
  'apply/one-fails': {
    status: 200,
    body: {
      dryRun: false,
      results: [
        {
          kind: 'Project',
          name: 'shop',
          result: 'unchanged',
          revision: 1001,
        },
        {
          kind: 'Announcement',
          name: 'shop/elsewhere',
          result: 'failed',
          error: {
            code: 'notEntitled',
            detail:
              'Prefix "198.51.100.1/32" lies outside the prefixes of project "shop"; add it to the project\'s prefixes, or use another. To change the project: corebgp get project shop -o yaml > project.yaml, edit it, corebgp apply -f project.yaml.',
            field: 'spec.prefixes[0]',
            reason: 'prefixNotInProject',
          },
        },
      ],
      paths: [],
    },
  },
  'explain.get/web': {
    status: 200,
    body: {
      announcement: 'shop/web',
      state: 'pending',
      steps: [
        {
          step: 'announcement',
          subject: 'shop/web',
          reason: 'declared',
          message:
            'The announcement is stored as declared. 203.0.113.10/32, 2001:db8::10/128 over 3 next hop(s), revision 1007.',
        },
        {
          step: 'entitlement',
          subject: 'project shop',
          reason: 'entitled',
          message: 'The project permits every prefix and next hop of the announcement.',
        },
        {
          step: 'drain',
          subject: '10.0.1.12',
          reason: 'drained',
          message:
            'An operator has drained the next hop, its announcement, its zone or the speaker. drains/rack-7 of revision 1019, until 2099-01-01T00:00:00Z: New power supply..',
        },
        {
          step: 'health',
          subject: '10.0.1.11',
          reason: 'neverChecked',
          message:
            'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task c2356069e9d1e79ca924378153cfbbfb, zone eu-1a, shard 159.',
        },
        {
          step: 'health',
          subject: '10.0.1.12',
          reason: 'neverChecked',
          message:
            'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task b7a56873cd771f2c446d369b649430b6, zone eu-1b, shard 195.',
        },
        {
          step: 'health',
          subject: '2001:db8:1::11',
          reason: 'neverChecked',
          message:
            'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task 04df0b58bc5fa34a27273aa56bf9ac11, zone eu-1a, shard 223.',
        },
        {
          step: 'decision',
          subject: '203.0.113.10/32 via 10.0.1.11 at edge-1',
          reason: 'neverChecked',
          message:
            'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
        },
        {
          step: 'decision',
          subject: '203.0.113.10/32 via 10.0.1.12 at edge-1',
          reason: 'drained',
          message:
            'An operator has drained the next hop, its announcement, its zone or the speaker. Wanted: withdraw, by drains/rack-7 of revision 1019.',
        },
        {
          step: 'decision',
          subject: '2001:db8::10/128 via 2001:db8:1::11 at edge-1',
          reason: 'neverChecked',
          message:
            'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
        },
        {
          step: 'speaker',
          subject: 'edge-1',
          reason: 'notApplied',
          message: 'No speaker has applied the last change yet. It has applied revision 1010.',
        },
        {
          step: 'peer',
          subject: 'rr1 (192.0.2.1) of edge-1',
          reason: 'sessionEstablished',
          message: 'The BGP session with the neighbour is up.',
        },
      ],
    },
  },
  'explain.address/ipv4': {
    status: 200,
    body: {
      explanations: [
        {
          announcement: 'shop/web',
          state: 'pending',
          steps: [
            {
              step: 'announcement',
              subject: 'shop/web',
              reason: 'declared',
              message:
                'The announcement is stored as declared. 203.0.113.10/32, 2001:db8::10/128 over 3 next hop(s), revision 1007.',
            },
            {
              step: 'entitlement',
              subject: 'project shop',
              reason: 'entitled',
              message: 'The project permits every prefix and next hop of the announcement.',
            },
            {
              step: 'drain',
              subject: '10.0.1.12',
              reason: 'drained',
              message:
                'An operator has drained the next hop, its announcement, its zone or the speaker. drains/rack-7 of revision 1019, until 2099-01-01T00:00:00Z: New power supply..',
            },
            {
              step: 'health',
              subject: '10.0.1.11',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task c2356069e9d1e79ca924378153cfbbfb, zone eu-1a, shard 159.',
            },
            {
              step: 'health',
              subject: '10.0.1.12',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task b7a56873cd771f2c446d369b649430b6, zone eu-1b, shard 195.',
            },
            {
              step: 'health',
              subject: '2001:db8:1::11',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task 04df0b58bc5fa34a27273aa56bf9ac11, zone eu-1a, shard 223.',
            },
            {
              step: 'decision',
              subject: '203.0.113.10/32 via 10.0.1.11 at edge-1',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
            },
            {
              step: 'decision',
              subject: '203.0.113.10/32 via 10.0.1.12 at edge-1',
              reason: 'drained',
              message:
                'An operator has drained the next hop, its announcement, its zone or the speaker. Wanted: withdraw, by drains/rack-7 of revision 1019.',
            },
            {
              step: 'decision',
              subject: '2001:db8::10/128 via 2001:db8:1::11 at edge-1',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
            },
            {
              step: 'speaker',
              subject: 'edge-1',
              reason: 'notApplied',
              message: 'No speaker has applied the last change yet. It has applied revision 1010.',
            },
            {
              step: 'peer',
              subject: 'rr1 (192.0.2.1) of edge-1',
              reason: 'sessionEstablished',
              message: 'The BGP session with the neighbour is up.',
            },
          ],
        },
      ],
    },
  },
  'explain.address/ipv6': {
    status: 200,
    body: {
      explanations: [
        {
          announcement: 'shop/web',
          state: 'pending',
          steps: [
            {
              step: 'announcement',
              subject: 'shop/web',
              reason: 'declared',
              message:
                'The announcement is stored as declared. 203.0.113.10/32, 2001:db8::10/128 over 3 next hop(s), revision 1007.',
            },
            {
              step: 'entitlement',
              subject: 'project shop',
              reason: 'entitled',
              message: 'The project permits every prefix and next hop of the announcement.',
            },
            {
              step: 'drain',
              subject: '10.0.1.12',
              reason: 'drained',
              message:
                'An operator has drained the next hop, its announcement, its zone or the speaker. drains/rack-7 of revision 1019, until 2099-01-01T00:00:00Z: New power supply..',
            },
            {
              step: 'health',
              subject: '10.0.1.11',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task c2356069e9d1e79ca924378153cfbbfb, zone eu-1a, shard 159.',
            },
            {
              step: 'health',
              subject: '10.0.1.12',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task b7a56873cd771f2c446d369b649430b6, zone eu-1b, shard 195.',
            },
            {
              step: 'health',
              subject: '2001:db8:1::11',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. task 04df0b58bc5fa34a27273aa56bf9ac11, zone eu-1a, shard 223.',
            },
            {
              step: 'decision',
              subject: '203.0.113.10/32 via 10.0.1.11 at edge-1',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
            },
            {
              step: 'decision',
              subject: '203.0.113.10/32 via 10.0.1.12 at edge-1',
              reason: 'drained',
              message:
                'An operator has drained the next hop, its announcement, its zone or the speaker. Wanted: withdraw, by drains/rack-7 of revision 1019.',
            },
            {
              step: 'decision',
              subject: '2001:db8::10/128 via 2001:db8:1::11 at edge-1',
              reason: 'neverChecked',
              message:
                'No checker has decided on the next hop yet; what is announced stays, what is not stays absent. Wanted: keep.',
            },
            {
              step: 'speaker',
              subject: 'edge-1',
              reason: 'notApplied',
              message: 'No speaker has applied the last change yet. It has applied revision 1010.',
            },
            {
              step: 'peer',
              subject: 'rr1 (192.0.2.1) of edge-1',
              reason: 'sessionEstablished',
              message: 'The BGP session with the neighbour is up.',
            },
          ],
        },
      ],
    },
  },
  'watch/records': {
    status: 200,
    body: [
      {
        type: 'state',
        changes: [
          {
            op: 'put',
            key: 'announcements/shop/web',
            createRevision: 1007,
            modRevision: 1007,
            value: {
              v: 1,
              kind: 'Announcement',
              metadata: {
                name: 'web',
                project: 'shop',
                labels: {
                  team: 'edge',
                },
                uid: 'e7f6c011776e8db7cd330b54174fd76f',
                createdAt: '2026-01-01T12:00:00.000Z',
                updatedAt: '2026-01-01T12:00:00.000Z',
              },
              spec: {
                prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
                nextHops: [
                  {
                    address: '10.0.1.11',
                    zone: 'eu-1a',
                    attributes: {
                      localPref: 200,
                    },
                  },
                  {
                    address: '10.0.1.12',
                    zone: 'eu-1b',
                  },
                  {
                    address: '2001:db8:1::11',
                    zone: 'eu-1a',
                  },
                ],
                healthCheck: {
                  type: 'http',
                  port: 8080,
                  path: '/healthz',
                  expect: {
                    status: ['200-399'],
                  },
                },
                attributes: {
                  communities: ['64512:100'],
                },
                policy: {
                  minHealthy: 1,
                  onAllDown: 'withdraw',
                },
              },
            },
          },
          {
            op: 'put',
            key: 'announcements/shop/mail',
            createRevision: 1012,
            modRevision: 1012,
            value: {
              v: 1,
              kind: 'Announcement',
              metadata: {
                name: 'mail',
                project: 'shop',
                labels: {
                  team: 'mail',
                },
                annotations: {
                  owner: 'noc@example.net',
                },
                uid: '7902699be42c8a8e46fbbb4501726517',
                createdAt: '2026-01-01T12:00:00.000Z',
                updatedAt: '2026-01-01T12:00:00.000Z',
              },
              spec: {
                prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
                nextHops: [
                  {
                    address: '10.0.1.25',
                  },
                  {
                    address: '2001:db8:1::25',
                  },
                ],
                attributes: {
                  med: 50,
                },
              },
            },
          },
          {
            op: 'put',
            key: 'announcements/shop/dns',
            createRevision: 1026,
            modRevision: 1026,
            value: {
              v: 1,
              kind: 'Announcement',
              metadata: {
                name: 'dns',
                project: 'shop',
                uid: '5f9c4ab08cac7457e9111a30e4664920',
                createdAt: '2026-01-01T12:00:00.000Z',
                updatedAt: '2026-01-01T12:00:00.000Z',
              },
              spec: {
                prefixes: ['203.0.113.53/32', '2001:db8::53/128'],
                nextHops: [
                  {
                    address: '10.0.1.53',
                  },
                  {
                    address: '2001:db8:1::53',
                  },
                ],
                healthCheck: {
                  type: 'tcp',
                  port: 53,
                },
              },
            },
          },
          {
            op: 'put',
            key: 'projects/shop',
            createRevision: 1001,
            modRevision: 1001,
            value: {
              v: 1,
              kind: 'Project',
              metadata: {
                name: 'shop',
                uid: '5feceb66ffc86f38d952786c6d696c79',
                createdAt: '2026-01-01T12:00:00.000Z',
                updatedAt: '2026-01-01T12:00:00.000Z',
              },
              spec: {
                prefixes: [
                  {
                    prefix: '203.0.113.0/24',
                  },
                  {
                    prefix: '2001:db8::/32',
                    maxLength: 128,
                  },
                ],
                nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
              },
            },
          },
          {
            op: 'put',
            key: 'projects/lab',
            createRevision: 1006,
            modRevision: 1006,
            value: {
              v: 1,
              kind: 'Project',
              metadata: {
                name: 'lab',
                labels: {
                  team: 'edge',
                },
                annotations: {
                  owner: 'lab@example.net',
                },
                uid: '6b86b273ff34fce19d6b804eff5a3f57',
                createdAt: '2026-01-01T12:00:00.000Z',
                updatedAt: '2026-01-01T12:00:00.000Z',
              },
              spec: {
                prefixes: [
                  {
                    prefix: '2001:db8:aa::/48',
                  },
                ],
                nextHops: ['10.9.0.0/16'],
              },
            },
          },
        ],
      },
      {
        type: 'synced',
        revision: 1026,
        storeId: '670671cd97404156226e507973f2ab83',
      },
    ],
  },
  'watch/status': {
    status: 200,
    body: [
      {
        type: 'objects',
        resources: [
          {
            apiVersion: 'corebgp/v1',
            kind: 'Announcement',
            metadata: {
              name: 'web',
              project: 'shop',
              labels: {
                team: 'edge',
              },
              uid: 'e7f6c011776e8db7cd330b54174fd76f',
              createdAt: '2026-01-01T12:00:00.000Z',
              updatedAt: '2026-01-01T12:00:00.000Z',
              revision: 1007,
            },
            spec: {
              prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
              nextHops: [
                {
                  address: '10.0.1.11',
                  zone: 'eu-1a',
                  attributes: {
                    localPref: 200,
                  },
                },
                {
                  address: '10.0.1.12',
                  zone: 'eu-1b',
                },
                {
                  address: '2001:db8:1::11',
                  zone: 'eu-1a',
                },
              ],
              healthCheck: {
                type: 'http',
                port: 8080,
                path: '/healthz',
                expect: {
                  status: ['200-399'],
                },
              },
              attributes: {
                communities: ['64512:100'],
              },
              policy: {
                minHealthy: 1,
                onAllDown: 'withdraw',
              },
            },
            status: {
              state: 'pending',
              reason: 'notApplied',
              message: 'No speaker has applied the last change yet.',
              nextHops: [
                {
                  address: '10.0.1.11',
                  health: 'unknown',
                  fresh: false,
                  path: 'keep',
                  why: 'neverChecked',
                },
                {
                  address: '10.0.1.12',
                  health: 'unknown',
                  fresh: false,
                  path: 'withdraw',
                  why: 'drained',
                },
                {
                  address: '2001:db8:1::11',
                  health: 'unknown',
                  fresh: false,
                  path: 'keep',
                  why: 'neverChecked',
                },
              ],
              speakers: [
                {
                  name: 'edge-1',
                  appliedRevision: 1010,
                  current: false,
                  exceptions: [],
                },
              ],
            },
          },
        ],
      },
      {
        type: 'synced',
        storeId: '670671cd97404156226e507973f2ab83',
        revision: 1026,
      },
    ],
  },
  'events.list/of-an-object': {
    status: 200,
    body: {
      revision: 1026,
      events: [
        {
          v: 1,
          at: '2026-01-01T12:00:00.000Z',
          kind: 'created',
          about: 'Announcement',
          object: 'shop/web',
          reason: 'declared',
          message:
            'Announcement shop/web was created: 203.0.113.10/32, 2001:db8::10/128 via 10.0.1.11, 10.0.1.12, 2001:db8:1::11.',
          id: '0000000000000009-000',
          revision: 1007,
        },
      ],
    },
  },
  'history.prefix/ipv4': {
    status: 200,
    body: {
      kind: 'Announcement',
      project: 'shop',
      name: 'mail',
      exists: true,
      versions: [
        {
          revision: 1012,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1011,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1010,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'spec.attributes',
              after: {
                med: 50,
              },
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1009,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
        {
          revision: 1008,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {},
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
      ],
    },
  },
  'history.prefix/ipv6': {
    status: 200,
    body: {
      kind: 'Announcement',
      project: 'shop',
      name: 'mail',
      exists: true,
      versions: [
        {
          revision: 1012,
          at: '2026-01-01T12:00:00.000Z',
          action: 'undeleted',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1011,
          at: '2026-01-01T12:00:00.000Z',
          action: 'deleted',
          changes: [],
        },
        {
          revision: 1010,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'spec.attributes',
              after: {
                med: 50,
              },
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
            attributes: {
              med: 50,
            },
          },
        },
        {
          revision: 1009,
          at: '2026-01-01T12:00:00.000Z',
          action: 'changed',
          changes: [
            {
              field: 'metadata.annotations.owner',
              after: 'noc@example.net',
            },
          ],
          labels: {
            team: 'mail',
          },
          annotations: {
            owner: 'noc@example.net',
          },
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
        {
          revision: 1008,
          at: '2026-01-01T12:00:00.000Z',
          action: 'created',
          changes: [],
          labels: {
            team: 'mail',
          },
          annotations: {},
          spec: {
            prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
            nextHops: [
              {
                address: '10.0.1.25',
              },
              {
                address: '2001:db8:1::25',
              },
            ],
          },
        },
      ],
    },
  },
  'speakers.list/all': {
    status: 200,
    body: {
      revision: 1026,
      resources: [
        {
          name: 'edge-1',
          revision: 1025,
          status: {
            v: 1,
            name: 'edge-1',
            node: 'node-1',
            zone: 'eu-1a',
            asn: 64512,
            routerId: '192.0.2.101',
            generation: 'v3',
            appliedRevision: 1010,
            paths: 2,
            foreignPaths: 0,
            peers: [
              {
                name: 'rr1',
                address: '192.0.2.1',
                asn: 64512,
                session: 'established',
                routerId: '192.0.2.1',
              },
            ],
            exceptions: [],
            exceptionCount: 0,
            conditions: [],
            reportedAt: '2026-01-01T12:00:00.000Z',
          },
        },
      ],
    },
  },
  'speakers.get/edge-1': {
    status: 200,
    body: {
      name: 'edge-1',
      revision: 1025,
      status: {
        v: 1,
        name: 'edge-1',
        node: 'node-1',
        zone: 'eu-1a',
        asn: 64512,
        routerId: '192.0.2.101',
        generation: 'v3',
        appliedRevision: 1010,
        paths: 2,
        foreignPaths: 0,
        peers: [
          {
            name: 'rr1',
            address: '192.0.2.1',
            asn: 64512,
            session: 'established',
            routerId: '192.0.2.1',
          },
        ],
        exceptions: [],
        exceptionCount: 0,
        conditions: [],
        reportedAt: '2026-01-01T12:00:00.000Z',
      },
    },
  },
  'speakers.all/all': {
    status: 200,
    body: [
      {
        name: 'edge-1',
        revision: 1025,
        status: {
          v: 1,
          name: 'edge-1',
          node: 'node-1',
          zone: 'eu-1a',
          asn: 64512,
          routerId: '192.0.2.101',
          generation: 'v3',
          appliedRevision: 1010,
          paths: 2,
          foreignPaths: 0,
          peers: [
            {
              name: 'rr1',
              address: '192.0.2.1',
              asn: 64512,
              session: 'established',
              routerId: '192.0.2.1',
            },
          ],
          exceptions: [],
          exceptionCount: 0,
          conditions: [],
          reportedAt: '2026-01-01T12:00:00.000Z',
        },
      },
    ],
  },
  'leases.grant/checker': {
    status: 201,
    body: {
      lease: '59e19706d51d39f66711c2653cd7eb12',
      ttlMs: 15000,
    },
  },
  'checkers.put/checker-1': {
    status: 200,
    body: {
      createRevision: 1027,
      revision: 1027,
    },
  },
  'checkers.all/all': {
    status: 200,
    body: [
      {
        id: 'checker-1-7f3a',
        zone: 'eu-1a',
        revision: 1027,
        status: {
          v: 1,
          zone: 'eu-1a',
          id: 'checker-1-7f3a',
          state: 'ready',
          version: '0.1.0',
          shards: 0,
          tasks: 0,
        },
      },
    ],
  },
  'checkers.list/all': {
    status: 200,
    body: {
      revision: 1027,
      resources: [
        {
          id: 'checker-1-7f3a',
          zone: 'eu-1a',
          revision: 1027,
          status: {
            v: 1,
            zone: 'eu-1a',
            id: 'checker-1-7f3a',
            state: 'ready',
            version: '0.1.0',
            shards: 0,
            tasks: 0,
          },
        },
      ],
    },
  },
  'leases.grant/second': {
    status: 201,
    body: {
      lease: '35135aaa6cc23891b40cb3f378c53a17',
      ttlMs: 15000,
    },
  },
  'leases.grant/too-short': {
    status: 400,
    body: {
      type: 'urn:corebgp:error:invalid',
      title: 'Invalid input',
      status: 400,
      code: 'invalid',
      detail: 'ttlMs must be 2000 to 600000, not 10.',
      field: 'ttlMs',
      requestId: '0474e032d0b146f3',
    },
  },
  'leases.keepalive/checker': {
    status: 200,
    body: {},
  },
  'leases.keepalive/gone': {
    status: 410,
    body: {
      type: 'urn:corebgp:error:leaseExpired',
      title: 'Lease expired',
      status: 410,
      code: 'leaseExpired',
      detail: 'The lease 00000000000000000000000000000000 has expired or was revoked; grant a new one.',
      requestId: '624b60c58c9d8bfb',
    },
  },
  'leases.revoke/second': {
    status: 200,
    body: {},
  },
  'claims.batch/claim': {
    status: 200,
    body: {
      claimed: [
        {
          zone: 'eu-1a',
          shard: 35,
          epoch: 1028,
        },
        {
          zone: 'eu-1a',
          shard: 36,
          epoch: 1028,
        },
      ],
      released: [],
      refused: [],
    },
  },
  'health.report/up': {
    status: 200,
    body: {
      revision: 1029,
      refused: [],
    },
  },
  'claims.batch/release': {
    status: 200,
    body: {
      claimed: [
        {
          zone: 'eu-1a',
          shard: 35,
          epoch: 1028,
        },
      ],
      released: [
        {
          zone: 'eu-1a',
          shard: 36,
        },
      ],
      refused: [],
    },
  },
  'health.report/stale': {
    status: 200,
    body: {
      revision: 1030,
      refused: [
        {
          taskId: '0123456789abcdef0123456789abcdef',
          reason: 'staleSequence',
        },
      ],
    },
  },
  'healthz/alive': {
    status: 200,
    body: {
      ok: true,
    },
  },
  'readyz/ready': {
    status: 200,
    body: {
      ready: true,
      revision: 1030,
      storeId: '670671cd97404156226e507973f2ab83',
    },
  },
  'version/version': {
    status: 200,
    body: {
      version: '0.1.0',
    },
  },
  'problem/invalid': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:invalid',
      title: 'Invalid input',
      status: 400,
      code: 'invalid',
      detail:
        'spec.prefixes[0]: "203.0.113.10/24" has host bits set; write "203.0.113.0/24", or "203.0.113.10/32" for the single address.',
      field: 'spec.prefixes[0]',
      requestId: 'eb1e33e8a81b697b',
    },
  },
  'problem/notFound': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:notFound',
      title: 'Not found',
      status: 404,
      code: 'notFound',
      detail: 'There is no Announcement "shop/nothing".',
      requestId: 'e29c9c180c6279b0',
    },
  },
  'problem/methodNotAllowed': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:methodNotAllowed',
      title: 'Method not allowed',
      status: 405,
      code: 'methodNotAllowed',
      detail: 'POST is not possible on /v1/announcements/shop/web; use GET or PUT or DELETE or PATCH.',
      requestId: 'c6f3ac57944a5314',
    },
  },
  'problem/alreadyExists': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:alreadyExists',
      title: 'Already exists',
      status: 409,
      code: 'alreadyExists',
      detail:
        'Announcement "shop/web" exists already, at revision 1002; to replace it use PUT (corebgp apply) without If-None-Match.',
      requestId: '86e5014965866131',
    },
  },
  'problem/prefixTaken': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:prefixTaken',
      title: 'Prefix taken',
      status: 409,
      code: 'prefixTaken',
      detail:
        'Prefix 203.0.113.10/32 belongs to announcement "shop/web"; a prefix has one owner. Remove it there first, or add the next hops to that announcement.',
      reason: 'prefixTaken',
      requestId: '023f29c264324626',
    },
  },
  'problem/notEntitled': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:notEntitled',
      title: 'Not entitled',
      status: 422,
      code: 'notEntitled',
      detail:
        'Prefix "198.51.100.1/32" lies outside the prefixes of project "shop"; add it to the project\'s prefixes, or use another. To change the project: corebgp get project shop -o yaml > project.yaml, edit it, corebgp apply -f project.yaml.',
      field: 'spec.prefixes[0]',
      reason: 'prefixNotInProject',
      requestId: '9f14025af0065b30',
    },
  },
  'problem/conflict': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:conflict',
      title: 'Changed meanwhile',
      status: 412,
      code: 'conflict',
      detail:
        'Announcement "shop/web" is at revision 1002, not at revision 1 as asked; read it again, then repeat the change on what it is now.',
      requestId: '76a50887d8f1c2e9',
    },
  },
  'problem/inUse': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:inUse',
      title: 'In use',
      status: 409,
      code: 'inUse',
      detail: 'Project "shop" still has announcements, such as "shop/web"; delete them first, then the project.',
      reason: 'inUse',
      requestId: '7a61b53701befdae',
    },
  },
  'problem/leaseExpired': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:leaseExpired',
      title: 'Lease expired',
      status: 410,
      code: 'leaseExpired',
      detail: 'The lease 00 has expired or was revoked; grant a new one.',
      requestId: 'aea92132c4cbeb26',
    },
  },
  'problem/compacted': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:compacted',
      title: 'Revision compacted',
      status: 410,
      code: 'compacted',
      detail: 'Revision 999999999 is ahead of the store, which is at 4; start over without since.',
      requestId: '0b918943df0962bc',
    },
  },
  'problem/tooLarge': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:tooLarge',
      title: 'Too large',
      status: 413,
      code: 'tooLarge',
      detail: 'The body is larger than 256 KiB; split it.',
      requestId: 'd59eced1ded07f84',
    },
  },
  'problem/unsupportedMediaType': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:unsupportedMediaType',
      title: 'Unsupported media type',
      status: 415,
      code: 'unsupportedMediaType',
      detail: 'The body of a POST must be JSON; send Content-Type: application/json.',
      requestId: '3d914f9348c9cc0f',
    },
  },
  'problem/notAcceptable': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:notAcceptable',
      title: 'Not acceptable',
      status: 406,
      code: 'notAcceptable',
      detail:
        'Accept is "text/csv", but lists are answered as application/json (in pages) or as application/x-ndjson (all at once); ask for one of these.',
      field: 'Accept',
      requestId: '73475cb40a568e8d',
    },
  },
  'problem/forbidden': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:forbidden',
      title: 'Not allowed',
      status: 403,
      code: 'forbidden',
      detail: 'The Host header says "intranet.example"; only localhost and loopback addresses are answered.',
      requestId: '44cb730c420480a0',
    },
  },
  'problem/fenced': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:fenced',
      title: 'No longer the holder',
      status: 409,
      code: 'fenced',
      detail: 'The record of checker "checker-1" in zone "eu-1a" is gone, not 1: join again before claiming.',
      reason: 'staleIncarnation',
      requestId: '71ee45a3c0db9a98',
    },
  },
  'problem/limited': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:limited',
      title: 'Limit reached',
      status: 429,
      code: 'limited',
      detail: 'The server has 0 watch streams open already; try again later.',
      requestId: '811786ad1ae74adf',
    },
  },
  'problem/unavailable': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:unavailable',
      title: 'Unavailable',
      status: 503,
      code: 'unavailable',
      detail: 'The store cannot be reached; try again.',
      requestId: '25fc0e7096fc6537',
    },
  },
  'problem/timeout': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:timeout',
      title: 'Timed out',
      status: 504,
      code: 'timeout',
      detail: 'The store has not answered within 5000 ms.',
      requestId: '31489056e0916d59',
    },
  },
  'problem/internal': {
    status: 0,
    body: {
      type: 'urn:corebgp:error:internal',
      title: 'Internal error',
      status: 500,
      code: 'internal',
      detail: 'projects.create: value is undefined',
      requestId: '98010bd9270f9b10',
    },
  },
};
