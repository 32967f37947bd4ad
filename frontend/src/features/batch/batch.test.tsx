import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import type { ManyIn, OneOfManyOut } from '@/api/generated/types.gen';
import { deviceAnswers, limitsOf, page, row, userRow } from '@/test/fixtures';
import { answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const PATH = '/api/quotas/host1/batch';
const HARD = 'Hard limit of space in GiB';
const PEOPLE = [
  row(),
  row({ id: 1001, name: 'bob', person: null }),
  row({ id: 1002, name: 'charlie', person: null }),
];

type Answered = Partial<OneOfManyOut>;

/** What the host answers of one id; `over` says what is special about it. */
function one(id: number, { limits, dry_run }: ManyIn, over: Answered = {}): OneOfManyOut {
  const name = PEOPLE.find((person) => person.id === id)?.name ?? `#${id}`;
  const before = limitsOf(row());
  const done = {
    row: userRow({ uid: id, name, ...limits }),
    ...(dry_run === true ? {} : { audit_id: `a${id}` }),
  };
  return { id, name, ok: true, before, ...(over.ok === false ? {} : done), ...over };
}

/** Opens the device with three people; every call of the batch is kept, and answered by `special` where that says so. */
function open(special: (id: number, asked: ManyIn, call: number) => Answered | Response = () => ({})) {
  const sent: ManyIn[] = [];
  answer({ ...deviceAnswers(), '/api/rows': page(PEOPLE, 250) });
  server.use(
    http.post(PATH, async ({ request }) => {
      const asked = (await request.json()) as ManyIn;
      sent.push(asked);
      const ids = asked.ids ?? Array.from({ length: 250 }, (_, index) => 1000 + index);
      const answers = ids.map((id) => ({ id, over: special(id, asked, sent.length) }));
      const refused = answers.find(({ over }) => over instanceof Response)?.over;
      if (refused instanceof Response) return refused;
      const results = answers.map(({ id, over }) => one(id, asked, over as Answered));
      const belongsTo = asked.dry_run === true ? {} : { change_set: asked.change_set ?? `s${sent.length}` };
      return HttpResponse.json({ results, ...belongsTo });
    }),
  );
  return { sent, ...renderApp(at) };
}

type User = ReturnType<typeof open>['user'];

async function select(user: User, ...names: string[]) {
  for (const name of names) await user.click(await screen.findByLabelText(`Select ${name}`));
  await user.click(await screen.findByText(/^Set limits for/));
  return screen.findByRole('dialog', { name: /^Limits for/ });
}

async function preview(user: User, drawer: HTMLElement, gib = '50') {
  const inside = within(drawer);
  await user.selectOptions(inside.getByLabelText(HARD), 'Set to…');
  await user.type(inside.getByLabelText(`${HARD}: new value`), gib);
  await user.click(inside.getByText('Preview'));
  return inside;
}

/** The names of all lists of pages, wherever they stand. */
function pagers() {
  return screen
    .getAllByRole('navigation', { name: /^Pages of/, hidden: true })
    .map((nav) => nav.getAttribute('aria-label'));
}

describe('limits of many', () => {
  it('are previewed, applied and listed, with nothing sent that was not touched', async () => {
    const { user, sent } = open();
    const inside = await preview(user, await select(user, 'alice', 'charlie'));
    const table = within(await inside.findByRole('table', { name: 'What would change' }));
    expect(table.getAllByText('50 GiB')).toHaveLength(2);
    expect(table.getAllByText('1.000001 GiB')).toHaveLength(2);
    await user.click(inside.getByRole('button', { name: 'Set limits of 2' }));
    expect(await inside.findByText('2 set')).toBeInTheDocument();
    const body = {
      device: '/dev/sda1',
      quota_type: 'user',
      ids: [1000, 1002],
      limits: { block_hard_limit: 52_428_800 },
    };
    expect(sent).toEqual([
      { ...body, dry_run: true },
      { ...body, dry_run: false },
    ]);
    expect(inside.getByRole('link', { name: /undo it as one/ })).toHaveAttribute('href', '/import/s2');
    await user.click(inside.getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  });

  it('can be taken away, and going back keeps what was typed', async () => {
    const { user, sent } = open();
    const drawer = await select(user, 'bob');
    const inside = within(drawer);
    expect(inside.getByRole('button', { name: 'Preview' })).toBeDisabled();
    await user.selectOptions(inside.getByLabelText('Soft limit of files'), 'No limit');
    await user.type(inside.getByLabelText('Reason'), 'May');
    await preview(user, drawer, '3');
    await user.click(await inside.findByText('Back'));
    expect(inside.getByLabelText(`${HARD}: new value`)).toHaveValue('3');
    expect(sent[0]).toMatchObject({
      limits: { block_hard_limit: 3_145_728, inode_soft_limit: 0 },
      reason: 'May',
    });
  });

  it('are not sent while a field is empty or wrong', async () => {
    const { user, sent } = open();
    const drawer = await select(user, 'bob');
    const inside = within(drawer);
    await user.selectOptions(inside.getByLabelText(HARD), 'Set to…');
    await user.click(inside.getByText('Preview'));
    expect(await inside.findByText(/Type a limit, or choose/)).toBeInTheDocument();
    await user.type(inside.getByLabelText(`${HARD}: new value`), '10GB');
    await user.click(inside.getByText('Preview'));
    expect(await inside.findByText(/Type a number with a point/)).toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  it('below usage must be confirmed', async () => {
    const { user, sent } = open((id) => (id === 1001 ? { warnings: ['below_usage'] } : {}));
    const inside = await preview(user, await select(user, 'alice', 'bob'), '0.1');
    expect(await inside.findByText('Below usage')).toBeInTheDocument();
    const [, first] = inside.getAllByRole('row');
    expect(first).toHaveTextContent('bob');
    const apply = inside.getByRole('button', { name: 'Set limits of 2' });
    expect(apply).toBeDisabled();
    await user.click(inside.getByRole('checkbox', { name: /below the present usage of 1/ }));
    await user.click(apply);
    expect(await inside.findByText('2 set')).toBeInTheDocument();
    expect(sent).toHaveLength(2);
  });

  it('leave out whom the preview shows to fail, and say why', async () => {
    const fault = { code: 'not_supported', detail: 'soft above hard' };
    const { user, sent } = open((id) => (id === 1001 ? { ok: false, problem: fault } : {}));
    const inside = await preview(user, await select(user, 'alice', 'bob'));
    expect(await inside.findByText('This device cannot do that: soft above hard')).toBeInTheDocument();
    await user.click(inside.getByText('Set limits of 1'));
    expect(await inside.findByText('1 set')).toBeInTheDocument();
    expect(sent[1]?.ids).toEqual([1000]);
  });

  it('that failed are tried again, and only those', async () => {
    const busy = { ok: false, problem: { code: 'backend_unavailable', detail: 'busy' } };
    const { user, sent } = open((id, { dry_run }, call) =>
      dry_run !== true && id === 1002 && call < 3 ? busy : {},
    );
    const inside = await preview(user, await select(user, 'alice', 'charlie'));
    await user.click(await inside.findByText('Set limits of 2'));
    expect(await inside.findByText('1 set · 1 failed')).toBeInTheDocument();
    expect(inside.getByText('Failed')).toBeInTheDocument();
    expect(inside.getByText(/does not answer: busy/)).toBeInTheDocument();
    await user.click(inside.getByRole('button', { name: 'Try 1 again' }));
    expect(await inside.findByText('2 set')).toBeInTheDocument();
    expect(sent.map(({ ids }) => ids)).toEqual([[1000, 1002], [1000, 1002], [1002]]);
    expect(sent[2]?.change_set).toBe('s2');
  });

  it('for all of the device go in pieces; a host that falls silent ends it, and nobody claims to know', async () => {
    const { user, sent } = open((_, { dry_run }, call) =>
      dry_run !== true && call === 3 ? problem(504, 'host_timeout') : {},
    );
    await user.click(await screen.findByLabelText('Select all rows of this page'));
    await user.click(await screen.findByText('Select all 250 of this device'));
    await user.click(await screen.findByText('Set limits for 250…'));
    const drawer = await screen.findByRole('dialog', { name: 'Limits for all of /dev/sda1' });
    const inside = await preview(user, drawer);
    expect(await inside.findByRole('navigation', { name: 'Pages of What would change' })).toBeInTheDocument();
    await waitFor(() =>
      expect(pagers()).toEqual(['Pages of Quotas on /dev/sda1', 'Pages of What would change']),
    );
    await user.click(await inside.findByText('Set limits of 250'));
    expect(await inside.findByText('100 set · 100 unknown · 50 not tried')).toBeInTheDocument();
    expect(sent.map(({ all, ids }) => all ?? ids?.length)).toEqual([true, 100, 100]);
    expect(inside.getByText('req-42')).toBeInTheDocument();
    expect(inside.getAllByText('Unknown').length).toBeGreaterThan(0);
    await user.click(inside.getByText('Try 150 again'));
    expect(await inside.findByText('250 set')).toBeInTheDocument();
    expect(sent.map(({ change_set }) => change_set)).toEqual([undefined, undefined, 's2', 's2', 's2']);
    expect(inside.getByRole('link', { name: /undo it as one/ })).toHaveAttribute('href', '/import/s2');
  });

  it('whose first answer never came lead to the audit trail: the change set is not known', async () => {
    const { user } = open((_, { dry_run }) => (dry_run === true ? {} : problem(504, 'host_timeout')));
    const inside = await preview(user, await select(user, 'alice'));
    await user.click(await inside.findByText('Set limits of 1'));
    expect(await inside.findByText('0 set · 1 unknown')).toBeInTheDocument();
    expect(inside.getByRole('link', { name: /audit trail/ })).toHaveAttribute(
      'href',
      '/audit?host=host1&q=%2Fdev%2Fsda1',
    );
  });

  it('whose preview is refused stay in the form', async () => {
    const fault = { field: 'limits.block_hard_limit', found: '1', expected: 'a multiple of 4' };
    const { user } = open(() => problem(422, 'invalid_input', [fault]));
    const inside = await preview(user, await select(user, 'alice'));
    expect(await inside.findByText('The host expects: a multiple of 4')).toBeInTheDocument();
    expect(inside.getByLabelText(`${HARD}: new value`)).toHaveValue('50');
  });
});

describe('the selection', () => {
  it('is of the page, or one by one, and is cleared', async () => {
    const { user } = open();
    const all = await screen.findByLabelText('Select all rows of this page');
    await user.click(all);
    expect(await screen.findByText('3 selected')).toBeInTheDocument();
    await user.click(screen.getByRole('checkbox', { name: 'Select bob' }));
    expect(await screen.findByText('2 selected')).toBeInTheDocument();
    expect(all).toBePartiallyChecked();
    await user.click(screen.getByRole('button', { name: 'Clear the selection' }));
    expect(await screen.findByText(/^Tick rows/)).toBeInTheDocument();
  });
});
