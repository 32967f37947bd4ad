import batch from './batch.json';
import common from './common.json';
import device from './device.json';
import history from './history.json';
import limits from './limits.json';
import login from './login.json';
import problems from './problems.json';
import settings from './settings.json';
import status from './status.json';
import undo from './undo.json';
import usage from './usage.json';

export default {
  batch,
  common,
  device,
  history,
  limits,
  login,
  problems,
  settings,
  status,
  undo,
  usage,
};
