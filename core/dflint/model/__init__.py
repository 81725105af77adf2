"""What a Dockerfile means: stages, images, variables, scripts, the resulting configuration."""

from dflint.model.environment import Environment, Variable
from dflint.model.image import ImageReference, NamedContext
from dflint.model.model import Model
from dflint.model.stage import Stage

__all__ = ["Environment", "ImageReference", "Model", "NamedContext", "Stage", "Variable"]
