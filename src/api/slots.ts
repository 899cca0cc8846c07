/** How many lists may be answered in lines at a time: each holds a whole collection, and computes every status in it. */
import { CoreBgpError } from '../model/errors.ts';

export interface Slots {
  /** @returns gives it back; calling that again does nothing. @throws CoreBgpError `limited` */
  take(): () => void;
  taken(): number;
}

/** Lists answered in lines at a time. */
export const mostLineLists = 32;

export function createLineSlots(most = mostLineLists): Slots {
  let taken = 0;
  return {
    taken: () => taken,
    take: () => {
      if (taken >= most) {
        throw new CoreBgpError(
          'limited',
          `${most} lists are being answered in lines already; try again in a few seconds, or read pages (?limit=500).`,
        );
      }
      taken += 1;
      let mine = true;
      return () => {
        if (mine) taken -= 1;
        mine = false;
      };
    },
  };
}
