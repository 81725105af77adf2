module Words
  def self.count(text)
    text.scan(/[[:alpha:]]+/).map(&:downcase).tally
  end
end
