# A number of dice that all show the same.
class Roll
  def initialize(dice, face)
    @dice = dice
    @face = face
  end

  def total = @dice * @face
end
