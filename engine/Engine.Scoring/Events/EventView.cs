namespace Engine.Scoring.Events;

/// <summary>
/// The events that a question sees: the first <paramref name="Version"/> ones. The default sees none.
/// </summary>
/// <param name="Events">Where they are; null for none.</param>
/// <param name="Version">How many were ever accepted when the question was asked.</param>
public readonly record struct EventView(UserEvents? Events, long Version);
