import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import { changeLine, changeSet, deviceAnswers, host, overview, page } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const SETS = '/api/admin/change-sets';
const SET = `${SETS}/s1`;
const fault = { field: 'name', found: 'nobody', expected: 'a user with a quota on this host, or an id' };
const wrong = changeLine({
  line: 3,
  outcome: 'wrong',
  problem: { code: 'invalid_input', detail: 'No such user.', errors: [fault] },
});

describe('the list of imports', () => {
  hasFourStates({
    at: '/import',
    path: SETS,
    empty: { body: page([]), text: 'Nothing was imported yet' },
    data: { body: page([changeSet({ state: 'done', reason: 'spring term' })]), text: 'spring term' },
  });
});

describe('the page Import', () => {
  it.each(['/overview', '/hosts', '/hosts/host1/device?name=%2Fdev%2Fsda1'])(
    'is found from %s',
    async (at) => {
      answer({ ...deviceAnswers(), '/api/hosts': page([host()]), '/api/overview': overview() });
      renderApp(at);
      const link = await screen.findByRole('link', { name: 'Import a CSV file' });
      expect(link).toHaveAttribute('href', '/import');
    },
  );
});

describe('an import', () => {
  it('is sent as a file and leads to its preview; another encoding is refused here', async () => {
    const sent: unknown[] = [];
    answer({ [SETS]: page([]), [SET]: changeSet(), [`${SET}/lines`]: page([changeLine()]) });
    server.use(
      http.post('/api/admin/imports', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(changeSet(), { status: 201 });
      }),
    );
    const { user } = renderApp('/import');
    await user.click(await screen.findByRole('button', { name: 'Preview' }));
    expect(await screen.findByText('Choose a file, or paste its lines.')).toBeInTheDocument();
    await user.type(screen.getByLabelText(/paste the lines/), 'host,device');
    await user.click(screen.getByRole('button', { name: 'Preview' }));
    expect(await screen.findByRole('button', { name: 'Change 2 quotas' })).toBeInTheDocument();
    expect(sent).toEqual([{ csv: 'host,device' }]);
    expect(address()).toBe('/import/s1');
  });

  it('that cannot be read says what is expected', async () => {
    answer({ [SETS]: page([]) });
    const body = { field: 'csv', found: 'column colour', expected: 'columns of host, device' };
    server.use(http.post('/api/admin/imports', () => problem(422, 'invalid_input', [body])));
    const { user } = renderApp('/import');
    await user.type(await screen.findByLabelText(/paste the lines/), 'x');
    await user.click(screen.getByRole('button', { name: 'Preview' }));
    expect(await screen.findByText(/column colour – expected: columns of host/)).toBeInTheDocument();
  });

  it('shows what is wrong, asks about those below usage, and runs with its reason', async () => {
    const sent: unknown[] = [];
    const counts = { total: 3, wrong: 1, waiting: 2, below_usage: 1 };
    answer({
      [SET]: changeSet({ counts }),
      [`${SET}/lines`]: page([changeLine({ warnings: ['below_usage'] }), wrong]),
    });
    server.use(
      http.post(`${SET}/run`, async ({ request }) => {
        sent.push(await request.json());
        const running = changeSet({ state: 'running', counts: { ...counts, waiting: 1, done: 1 } });
        server.use(http.get(SET, () => HttpResponse.json(running)));
        return HttpResponse.json(running);
      }),
    );
    const { user } = renderApp('/import/s1');
    const table = within(await screen.findByRole('table', { name: 'Lines' }));
    expect(table.getByText(/No such user/)).toBeInTheDocument();
    expect(table.getByText(/name: nobody – expected: a user/)).toBeInTheDocument();
    expect(table.getByText('Below usage')).toBeInTheDocument();
    const run = screen.getByRole('button', { name: 'Change 2 quotas' });
    expect(run).toBeDisabled();
    await user.click(screen.getByRole('checkbox', { name: /below the present usage/ }));
    await user.type(screen.getByLabelText('Reason'), 'spring term');
    await user.click(run);
    expect(await screen.findByText(/^1 of 2 done/)).toBeInTheDocument();
    expect(screen.getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('aria-valuenow', '50');
    expect(sent).toEqual([{ reason: 'spring term' }]);
  });

  it('is tried again where lines failed, were cancelled or are unknown, and is watched on', async () => {
    const counts = { total: 9, wrong: 1, waiting: 0, done: 2, failed: 3, unknown: 2, cancelled: 1 };
    const running = changeSet({ state: 'running', counts: { total: 9, wrong: 1, waiting: 6, done: 2 } });
    let asked = 0;
    answer({ [SET]: changeSet({ state: 'cancelled', counts }), [`${SET}/lines`]: page([changeLine()]) });
    server.use(
      http.post(`${SET}/retry`, () => {
        asked += 1;
        if (asked === 1) return problem(409, 'change_set_state');
        server.use(http.get(SET, () => HttpResponse.json(running)));
        return HttpResponse.json(running);
      }),
    );
    const { user } = renderApp('/import/s1');
    await user.click(await screen.findByRole('button', { name: 'Try 6 again' }));
    expect(await screen.findByText(/not in the state for that/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Try 6 again' }));
    expect(await screen.findByText(/^2 of 8 done/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /again/ })).not.toBeInTheDocument();
  });

  it('that is over is undone as one', async () => {
    const sent: unknown[] = [];
    const done = changeSet({ state: 'done', counts: { total: 3, wrong: 1, waiting: 0, done: 2 } });
    const undo = changeSet({ id: 's2', kind: 'undo', state: 'running', undo_of: 's1' });
    answer({
      [SET]: done,
      [`${SET}/lines`]: page([changeLine({ outcome: 'applied' })]),
      [`${SETS}/s2`]: undo,
      [`${SETS}/s2/lines`]: page([changeLine()]),
    });
    server.use(
      http.post(`${SET}/undo`, async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(undo, { status: 201 });
      }),
    );
    const { user } = renderApp('/import/s1');
    expect(await screen.findByText('3 lines · 2 done · 1 wrong')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /again/ })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Undo all' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Undo all of it?' }));
    await user.click(dialog.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'Undo s2' })).toBeInTheDocument();
    expect(sent).toEqual([{}]);
    expect(screen.getByRole('link', { name: 'Undoes s1' })).toHaveAttribute('href', '/import/s1');
  });
});
