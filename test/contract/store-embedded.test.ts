import { openEmbedded } from '../rig/store-harness.ts';
import { storeContract } from './store.ts';

storeContract('embedded', openEmbedded, { durable: true });
