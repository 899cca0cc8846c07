/** Every metric of the API server and of its store. */
import { counter, gauge, histogram, secondsBuckets } from '../runtime/metrics.ts';

export const apiMetrics = {
  requests: counter({
    name: 'corebgp_api_requests_total',
    help: 'Requests answered, by endpoint and HTTP status; a stream counts when it ends.',
    labels: ['endpoint', 'status'],
  }),
  refusals: counter({
    name: 'corebgp_api_refusals_total',
    help: 'Answers that were an error, by its code.',
    labels: ['code'],
  }),
  seconds: histogram({
    name: 'corebgp_api_request_seconds',
    help: 'Time from request to answer in seconds, by endpoint; watch streams are not counted.',
    labels: ['endpoint'],
    buckets: secondsBuckets,
  }),
  inFlight: gauge({
    name: 'corebgp_api_requests_in_flight',
    help: 'Requests that are being answered now; watch streams are not counted.',
  }),
  connections: gauge({ name: 'corebgp_api_connections', help: 'Open HTTP connections.' }),
  connectionsRefused: counter({
    name: 'corebgp_api_connections_refused_total',
    help: 'Connections closed unanswered, because too many were open.',
  }),
  shed: counter({
    name: 'corebgp_api_requests_shed_total',
    help: 'Requests refused for the sake of checks and routes: too many lists, explanations and dry runs at a time (reads), or the event loop was late (late).',
    labels: ['why'],
  }),
  late: gauge({
    name: 'corebgp_api_event_loop_late_seconds',
    help: 'How late the process runs what is due, over about the last second; people are refused above 0.2.',
  }),
  streams: gauge({
    name: 'corebgp_api_watch_streams',
    help: 'Open watch streams, by view: records (mirrors, the roles of the process among them) or status (people).',
    labels: ['view'],
  }),
  lists: gauge({
    name: 'corebgp_api_lists_open',
    help: 'Lists that are held for their next page (pages), and that are being answered in lines (lines).',
    labels: ['form'],
  }),
  streamsCut: counter({
    name: 'corebgp_api_watch_streams_cut_total',
    help: 'Watch streams ended because their reader was too slow: its queue was full, or it took nothing for 30 s.',
    labels: ['why'],
  }),
  revision: gauge({
    name: 'corebgp_api_cache_revision',
    help: "Store revision of the server's copy; 0 before it was loaded.",
  }),
  fresh: gauge({
    name: 'corebgp_api_cache_fresh',
    help: "1 while the server's copy of the store is known to be up to date, else 0.",
  }),
  records: gauge({
    name: 'corebgp_api_records',
    help: "Records in the server's copy of the store, by collection.",
    labels: ['collection'],
  }),
  unreadable: gauge({
    name: 'corebgp_api_unreadable_records',
    help: 'Stored records that cannot be read, by collection. Each is left out of decisions, and its paths stay as they are.',
    labels: ['collection'],
  }),
  commits: counter({
    name: 'corebgp_store_commits_total',
    help: 'Commits: done, refused (a condition did not hold; it is decided anew), or failed.',
    labels: ['result'],
  }),
  commitSeconds: histogram({
    name: 'corebgp_store_commit_seconds',
    help: 'Time from a commit to its durability in seconds, waiting in the queue included.',
    buckets: secondsBuckets,
  }),
  leaseCalls: counter({
    name: 'corebgp_store_lease_calls_total',
    help: 'Leases granted, kept alive and revoked, by call and result (done or failed).',
    labels: ['call', 'result'],
  }),
  version: gauge({
    name: 'corebgp_version',
    help: 'Always 1; its label is the version of the program.',
    labels: ['version'],
  }),
};
