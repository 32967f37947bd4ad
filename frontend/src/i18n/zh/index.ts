import audit from './audit.json';
import common from './common.json';
import device from './device.json';
import hosts from './hosts.json';
import limits from './limits.json';
import login from './login.json';
import mappings from './mappings.json';
import overview from './overview.json';
import problems from './problems.json';
import status from './status.json';
import usage from './usage.json';

export default { audit, common, device, hosts, limits, login, mappings, overview, problems, status, usage };
