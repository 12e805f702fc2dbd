"""The classic architectures."""

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
