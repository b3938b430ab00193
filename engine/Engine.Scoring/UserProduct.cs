namespace Engine.Scoring;

/// <summary>A pair to score.</summary>
/// <param name="UserId">Opaque, case-sensitive.</param>
/// <param name="ProductId">Opaque, case-sensitive.</param>
public readonly record struct UserProduct(string UserId, string ProductId);
