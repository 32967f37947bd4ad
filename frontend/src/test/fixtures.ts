import type {
  AuditOut,
  ChangeLineOut,
  ChangeSetOut,
  DefaultsOut,
  DeviceGraceOut,
  GroupRowOut,
  HostDeviceOut,
  HostDetailOut,
  HostOut,
  MappingOut,
  MeOut,
  OverviewOut,
  PersonDetailOut,
  PersonOut,
  RowOut,
  TokenOut,
  UserRowOut,
} from '@/api/generated/types.gen';

/** Instants are relative to now, as what a page shows is. */
export const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
export const unixIn = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

export const me = (over: Partial<MeOut> = {}): MeOut => ({
  id: 'p2',
  name: 'charlie',
  is_admin: true,
  csrf_token: 'token-1',
  language: null,
  mappings: [],
  demo: false,
  ...over,
});

export const row = (over: Partial<RowOut> = {}): RowOut => ({
  host: 'host1',
  device: '/dev/sda1',
  kind: 'block',
  mount_points: ['/home'],
  quota_type: 'user',
  id: 1000,
  name: 'alice',
  person: { id: 'p1', name: 'alice' },
  status: 'ok',
  percent: 42.9,
  block_current: 460_800_000,
  block_soft_limit: 500_000,
  block_hard_limit: 1_048_577,
  block_time_limit: 0,
  inode_current: 85_000,
  inode_soft_limit: 0,
  inode_hard_limit: 100_000,
  inode_time_limit: 0,
  limits_source: 'own',
  taken_at: secondsAgo(5),
  age_seconds: 5,
  stale: false,
  problem: null,
  ...over,
});

/** The four limits of a row. */
export const limitsOf = ({
  block_soft_limit,
  block_hard_limit,
  inode_soft_limit,
  inode_hard_limit,
}: RowOut) => ({
  block_soft_limit,
  block_hard_limit,
  inode_soft_limit,
  inode_hard_limit,
});

export const page = <T>(items: T[], total = items.length) => ({ items, total, page: 1, page_size: 100 });

export const host = (over: Partial<HostOut> = {}): HostOut => ({
  id: 'host1',
  label: 'host1',
  url: 'http://127.0.0.1:8437',
  state: 'ok',
  taken_at: secondsAgo(5),
  age_seconds: 5,
  problem: null,
  devices: 1,
  version: '0.1.0',
  ...over,
});

export const device = (over: Partial<HostDeviceOut> = {}): HostDeviceOut => ({
  name: '/dev/sda1',
  kind: 'block',
  fstype: 'ext4',
  mount_points: ['/home'],
  status: 'ok',
  measured_at: secondsAgo(5),
  capabilities: {
    quota_types: ['user'],
    soft_limits: true,
    inode_limits: true,
    grace_periods: true,
    enforced_by_kernel: true,
  },
  usage: { free: 50 * 1024 ** 3, used: 50 * 1024 ** 3, total: 100 * 1024 ** 3, percent: 50 },
  problem: null,
  unattributed_usage: null,
  quotas: 1,
  worst_percent: 42.9,
  ...over,
});

/** A device that can do what is given here, and whatever else they can. */
export const able = (capabilities: Partial<HostDeviceOut['capabilities']>) =>
  device({ capabilities: { ...device().capabilities, ...capabilities } });

export const hostDetail = (devices: HostDeviceOut[], over: Partial<HostDetailOut> = {}): HostDetailOut => ({
  ...host({ devices: devices.length }),
  device_list: devices,
  ...over,
});

export const defaults = (over: Partial<DefaultsOut> = {}): DefaultsOut => ({
  device: '/dev/sda1',
  quota_type: 'user',
  block_soft_limit: 0,
  block_hard_limit: 0,
  inode_soft_limit: 0,
  inode_hard_limit: 0,
  ...over,
});

export const grace = (over: Partial<DeviceGraceOut> = {}): DeviceGraceOut => ({
  device: '/dev/sda1',
  quota_type: 'user',
  block_grace: 604_800,
  inode_grace: 91_800,
  ...over,
});

/** What the page of a device asks for, but for its rows. */
export const deviceAnswers = (of: HostDeviceOut = device()) => ({
  '/api/hosts/host1': hostDetail([of]),
  '/api/quotas/host1/default-quota': defaults(),
  '/api/quotas/host1/grace': grace(),
});

export const overview = (over: Partial<OverviewOut> = {}): OverviewOut => ({
  hosts: { ok: 1, stale: 0, never: 0, suspended: 0 },
  rows: { ok: 1, soft_exceeded: 0, grace_expired: 0, hard_reached: 0 },
  devices: 1,
  people: 1,
  trend: [],
  ...over,
});

export const mapping = (over: Partial<MappingOut> = {}): MappingOut => ({
  id: '7',
  person: { id: 'p1', name: 'alice' },
  host: 'host1',
  username: 'alice',
  uid: 1000,
  state: 'active',
  via: 'admin',
  created_at: secondsAgo(3600),
  ...over,
});

export const change = (over: Partial<AuditOut> = {}): AuditOut => ({
  id: '41',
  at: secondsAgo(60),
  actor: { id: 'p2', name: 'charlie' },
  via: 'session',
  action: 'set_limits',
  host: 'host1',
  device: '/dev/sda1',
  quota_type: 'user',
  target_id: '1000',
  target_name: 'alice',
  before: { block_hard_limit: 1_048_576 },
  after: { block_hard_limit: 2_097_152 },
  reason: 'Thesis',
  origin: '127.0.0.1',
  outcome: 'applied',
  problem: null,
  undo_of: null,
  token: null,
  change_set: null,
  resend_of: null,
  settled_at: null,
  settled_by: null,
  ...over,
});

export const changeSet = ({
  counts,
  ...over
}: Partial<Omit<ChangeSetOut, 'counts'>> & {
  counts?: Partial<ChangeSetOut['counts']>;
} = {}): ChangeSetOut => ({
  id: 's1',
  kind: 'import',
  state: 'draft',
  created_at: secondsAgo(60),
  started_at: null,
  ended_at: null,
  actor: { id: 'p2', name: 'charlie' },
  via: 'session',
  reason: '',
  undo_of: null,
  undone_by: null,
  ...over,
  counts: {
    total: 2,
    wrong: 0,
    waiting: 2,
    done: 0,
    failed: 0,
    unknown: 0,
    cancelled: 0,
    below_usage: 0,
    ...counts,
  },
});

export const changeLine = (over: Partial<ChangeLineOut> = {}): ChangeLineOut => ({
  line: 2,
  host: 'host1',
  device: '/dev/sda1',
  quota_type: 'user',
  id: 1000,
  name: 'alice',
  before: limitsOf(row()),
  after: { block_hard_limit: 2_097_152 },
  outcome: 'waiting',
  warnings: [],
  problem: null,
  audit_id: null,
  ...over,
});

/** The numbers of a row as the host reads them back after a change. */
const readBack = () => {
  const { name, status, block_current, block_time_limit, inode_current, inode_time_limit } = row();
  const figures = { block_current, block_time_limit, inode_current, inode_time_limit };
  return { name, status, limits_source: 'own' as const, ...figures, ...limitsOf(row()) };
};
export const userRow = (over: Partial<UserRowOut> = {}): UserRowOut => ({
  uid: row().id,
  ...readBack(),
  ...over,
});
export const groupRow = (over: Partial<GroupRowOut> = {}): GroupRowOut => ({
  gid: row().id,
  ...readBack(),
  name: 'staff',
  ...over,
});

export const person = (over: Partial<PersonOut> = {}): PersonOut => ({
  id: 'p1',
  name: 'alice',
  email: null,
  is_admin: false,
  last_login_at: secondsAgo(600),
  mappings: [],
  worst: null,
  ...over,
});

export const personDetail = (over: Partial<PersonDetailOut> = {}): PersonDetailOut => ({
  ...person(),
  rows: [],
  logins: [],
  ...over,
});

export const token = (over: Partial<TokenOut> = {}): TokenOut => ({
  id: 't1',
  name: 'backup script',
  prefix: 'qman_AbC123',
  scopes: ['read'],
  state: 'active',
  created_at: secondsAgo(3600),
  expires_at: secondsAgo(-86_400),
  last_used_at: null,
  ...over,
});
