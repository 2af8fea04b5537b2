import type { TurnMemory } from '../base/turn-memory.ts';
import type { TopicPlaces } from '../exchange/control.ts';
import type { WorkerLink } from '../front/partitions/workers.ts';
import type { Parking } from '../ring/parking.ts';
import type { WorkerSettings } from '../worker/worker-setup.ts';

/** The settings that are the same for every worker. */
export type SharedSettings = Omit<WorkerSettings, 'topics'>;

/** The workers that own the partitions, and the front's links to them. */
export interface WorkerCrew {
  readonly links: readonly WorkerLink[];
  /** Where the front announces that it sleeps: see Workers. */
  readonly frontParking: Parking;
  /** Called before the workers are told to stop. A worker that ends before is a fatal error. */
  expectExit(): void;
  ended(): Promise<void>;
}

export interface CrewOptions {
  /** The topics of each worker. The length is the number of workers. */
  readonly places: readonly (readonly TopicPlaces[])[];
  readonly shared: SharedSettings;
  /** Called on the front's thread when workers have sent something and the front might sleep. */
  readonly onReplies: () => void;
  readonly onDeath: (error: Error) => void;
  /** What the sockets of the front read into. */
  readonly turnMemory: TurnMemory;
}
