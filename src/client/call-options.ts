/** What every call of the client takes beside its own parameters. */

export interface CallOptions {
  /** Gives the call up, or ends the stream. */
  readonly signal?: AbortSignal;
}

/** What a write may demand of the object as it is stored. */
export interface Conditions {
  /** The write succeeds only at this revision of the object (`metadata.revision`). */
  readonly ifMatch?: number;
  /** The write succeeds only if the object does not exist. */
  readonly ifAbsent?: boolean;
}
