import type { TopicPlaces } from '../exchange/control.ts';
import type { WorkerLink } from '../front/partitions/workers.ts';
import type { Parking } from '../ring/parking.ts';
import type { WorkerSettings } from '../worker/worker-setup.ts';

/** What is the same for every worker of a broker. */
export type SharedSettings = Omit<WorkerSettings, 'topics'>;

/** The workers that own the partitions, and the front's way to each of them. */
export interface WorkerCrew {
  readonly links: readonly WorkerLink[];
  /** How the front tells that it sleeps: see Workers. */
  readonly frontParking: Parking;
  /** Before the workers are told to stop: an end that nobody asked for is that of the broker. */
  expectExit(): void;
  ended(): Promise<void>;
}

export interface CrewOptions {
  /** The topics of each worker: there are as many workers as places. */
  readonly places: readonly (readonly TopicPlaces[])[];
  readonly shared: SharedSettings;
  /** Called on the front's thread when workers have sent something and the front might sleep. */
  readonly onReplies: () => void;
  readonly onDeath: (error: Error) => void;
}
