export const QUOTA_TYPES = ['user', 'group', 'project'] as const;
export type QuotaType = (typeof QUOTA_TYPES)[number];

/** The quotas of one type on a device of a host. */
export interface Place {
  host: string;
  device: string;
  type: QuotaType;
}

type Switched = 'on' | 'not_enforced' | 'off';
type Accounting = 'current' | 'delayed' | 'rescanning' | 'inconsistent';

/** What a device says of how its quotas are kept, as far as it says anything. */
export interface DeviceStates {
  user_quota_state?: Switched | null;
  group_quota_state?: Switched | null;
  project_quota_state?: Switched | null;
  accounting?: { state: Accounting; delay_seconds: number } | null;
}

export type DeviceFlag =
  | { about: 'enforcement'; type: QuotaType; state: Exclude<Switched, 'on'> }
  | { about: 'accounting'; state: Exclude<Accounting, 'current'>; delaySeconds: number };

/** What is not as one expects; nothing where all quota types are on and the figures are right. */
export function flagsOf(device: DeviceStates): DeviceFlag[] {
  const states: Record<QuotaType, Switched | null | undefined> = {
    user: device.user_quota_state,
    group: device.group_quota_state,
    project: device.project_quota_state,
  };
  const flags = QUOTA_TYPES.flatMap((type): DeviceFlag[] => {
    const state = states[type] ?? 'on';
    return state === 'on' ? [] : [{ about: 'enforcement', type, state }];
  });
  const { state, delay_seconds: delaySeconds } = device.accounting ?? { state: 'current', delay_seconds: 0 };
  return state === 'current' ? flags : [...flags, { about: 'accounting', state, delaySeconds }];
}
