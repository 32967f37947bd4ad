import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { answer, fail, neverAnswer, renderApp } from './render';

interface Page {
  at: string;
  /** The call that the page lives on, and the others that it makes. */
  path: string;
  others?: Record<string, object>;
  empty: { body: object; text: string | RegExp };
  data: { body: object; text: string | RegExp };
}

/** Loading, problem (with a way to try again), empty and data: every page has the four. */
export function hasFourStates({ at, path, others = {}, empty, data }: Page) {
  it('says that it is loading', async () => {
    answer(others);
    neverAnswer(path);
    renderApp(at);
    expect(await screen.findByText('Loading…')).toBeInTheDocument();
  });

  it('shows a problem with its request id, and tries again', async () => {
    answer(others);
    fail(path, 500, 'internal');
    const { user } = renderApp(at);
    expect(await screen.findByText('The master failed')).toBeInTheDocument();
    expect(screen.getByText('req-42')).toBeInTheDocument();
    answer({ ...others, [path]: data.body });
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect((await screen.findAllByText(data.text)).length).toBeGreaterThan(0);
  });

  it('tells what to do when there is nothing', async () => {
    answer({ ...others, [path]: empty.body });
    renderApp(at);
    expect(await screen.findByText(empty.text)).toBeInTheDocument();
  });

  it('shows its data', async () => {
    answer({ ...others, [path]: data.body });
    renderApp(at);
    expect((await screen.findAllByText(data.text)).length).toBeGreaterThan(0);
  });
}
