namespace Engine.Scoring.Ids;

/// <summary>The request needs an id that the snapshot does not know.</summary>
public sealed class UnknownIdException(string message) : InputException(message);
