import type { RowOut } from './generated/types.gen';

/** One quota of one user on one device, as every list of the master has it. */
export type QuotaRow = RowOut;
