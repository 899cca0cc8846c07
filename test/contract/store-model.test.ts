import { openModel } from '../rig/store-harness.ts';
import { storeContract } from './store.ts';

storeContract('in memory', openModel, { durable: false });
