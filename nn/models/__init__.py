"""The classic architectures, each in a file of its own, each built by one call.

| for | there are |
|---|---|
| tables | `MLP` |
| images | `LeNet`, `vgg16`, `googlenet`, `resnet50`, `densenet121` ...; for 8 × 8 pixels `resnet_small`, ... |
| every pixel | `fcn_resnet50`, `fcn8s_vgg16`, `fcn_small` |
| things in images | `fasterrcnn_resnet50_fpn`, `rcnn_small` |
| video | `c3d`, `c3d_small` |
| series and text | `SeriesCNN`, `RecurrentNet`, `CharRNN`, `Seq2Seq`, `TransformerClassifier`, `GPT`, `ScalarGPT` |
| making more of the same | `Autoencoder`, `DenoisingAutoencoder`, `ConvAutoencoder`, `VAE`, `GAN`, `DCGAN` |

Those for images have torchvision's names and shapes of parameters, so that what was trained there is used here:

    theirs = torchvision.models.resnet50(weights="DEFAULT").state_dict()
    model = nn.models.resnet50()
    model.load_state_dict({name: array.numpy() for name, array in theirs.items()})
"""

from nn.models.autoencoder import *
from nn.models.c3d import *
from nn.models.char_rnn import *
from nn.models.densenet import *
from nn.models.detection.anchor import *
from nn.models.detection.proposal import *
from nn.models.detection.pyramid import *
from nn.models.detection.rcnn import *
from nn.models.detection.roi import *
from nn.models.encoder import *
from nn.models.fcn import *
from nn.models.gan import *
from nn.models.googlenet import *
from nn.models.gpt import *
from nn.models.language import *
from nn.models.lenet import *
from nn.models.mlp import *
from nn.models.recurrent_net import *
from nn.models.resnet import *
from nn.models.scalar_gpt import *
from nn.models.seq2seq import *
from nn.models.series_cnn import *
from nn.models.vae import *
from nn.models.vgg import *
from nn.models.vocabulary import *
