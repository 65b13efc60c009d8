"""Images of one's own: a folder for each class."""

from ablate.data.listing import Listing
from ablate.data.pictures import Pictures
from ablate.data.scan import scan


class Folder(Pictures):
    """`root` holds train/, val/ and test/ with a folder for each class, or these folders themselves.

    What is not there is held out by the fixed rule (ablate.data.split): `val` of the training images, and `test`
    of all where there is but one folder. train/ and val/ alone are training and test.
    """

    def listed(self) -> Listing:
        return scan(self.root)
