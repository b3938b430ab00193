using Engine.Model;

namespace Engine.Scoring.Queries;

/// <summary>The request needs an id that the snapshot does not know.</summary>
public sealed class UnknownIdException(string message) : InputException(message);
