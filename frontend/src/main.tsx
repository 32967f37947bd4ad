import './app/styles';
import { createRoot } from 'react-dom/client';
import { startClient } from './api/client';
import { App } from './app/App';
import { createQueryClient } from './app/queryClient';
import { startI18n } from './i18n';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const queryClient = createQueryClient();
startClient(queryClient);
await startI18n();
createRoot(root).render(<App queryClient={queryClient} />);
