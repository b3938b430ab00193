namespace Engine.Kernels.Codes;

/// <summary>What a coded vector u = t q + p is beside its codes.</summary>
/// <param name="Largest">The largest magnitude of its columns.</param>
/// <param name="Norm">|u|, rounded up.</param>
/// <param name="Residual">|p|, rounded up.</param>
/// <param name="Scale">The scale t.</param>
/// <param name="Pairs">Pairs of columns.</param>
/// <param name="Stages">Stages.</param>
internal readonly record struct QueryCode(
    float Largest, double Norm, double Residual, float Scale, int Pairs, int Stages);
