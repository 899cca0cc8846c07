/** Leases: the store's own, for components that have nothing but this API. */
import type { endpoints } from '../contract/endpoints.ts';
import type { EndpointFunction } from './context.ts';

type Rows = typeof endpoints.components;

export const grantLease: EndpointFunction<Rows['grantLease']> = async ({ store }, { body }, signal) =>
  store.grantLease(body.ttlMs, signal);

export const keepLeaseAlive: EndpointFunction<Rows['keepLeaseAlive']> = async ({ store }, { params }, signal) => {
  await store.keepLeaseAlive(params.lease, signal);
  return {};
};

export const revokeLease: EndpointFunction<Rows['revokeLease']> = async ({ store }, { params }, signal) => {
  await store.revokeLease(params.lease, signal);
  return {};
};
