"""What the first run of a process would have torch import: there to be imported by the server that forks them.

The first optimiser of a process brings torch._dynamo, for 1.3 s.
"""

import torch

torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))])
